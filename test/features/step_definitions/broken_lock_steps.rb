# frozen_string_literal: true

# A copy of the sources and of what has been built of them, so that only the changed file is compiled
# again; with the time stamps, which make goes by.
class BrokenCopy
  PARTS = %w[Makefile boot init stage2 tools vdso].freeze
  LOCK = /^\t.*\bspin_lock(_irqsave)?\(.*\);\n/.freeze
  UNLOCK = /^\t.*\bspin_unlock(_irqrestore)?\(.*\);\n/.freeze
  MISTAKES = {
    'takes no lock' => ->(body) { body.gsub(UNLOCK, '').gsub(LOCK) { $1 ? "\tirq_save();\n" : '' } },
    'never lets go of its lock' => ->(body) { body.gsub(UNLOCK, "\t(void)flags;\n") },
    'takes its lock twice' => ->(body) { body.sub(LOCK) { |line| line + line.sub(/.*= /, "\t") } }
  }.freeze

  def initialize(directory)
    @directory = directory
    kind = "#{(ENV['CC'] || 'gcc').split('/').last}-debug"
    @build = "build/#{kind}"
    system({ 'DEBUG' => '1' }, "top=#{BootMachine::TOP}; . #{BootMachine::TOP}/bin/.build",
           %i[out err] => File::NULL) or raise 'the DEBUG build fails: run make DEBUG=1'
    Dir.mkdir("#{directory}/build")
    copy(PARTS, directory)
    copy(%W[#{@build} build/tools build/memory_map.inc build/boot_offsets.inc], "#{directory}/build")
  end

  def kernel
    "#{@directory}/#{@build}/cor.elf"
  end

  # Changes one function, from its first line to its closing brace.
  def break(file, function, mistake)
    path = "#{@directory}/stage2/#{file}"
    source = File.read(path)
    body = source[/^[a-z][^\n;]*\b#{function}\([^;{]*\)\n\{\n.*?^\}\n/m] or raise "no #{function}"
    broken = MISTAKES.fetch(mistake).call(body)
    raise "#{function} has no such lock" if broken == body

    File.write(path, source.sub(body) { broken })
  end

  def make
    output = `make -C #{@directory} DEBUG=1 kernel 2>&1`
    raise output unless $CHILD_STATUS.success?
  end

  private

  def copy(names, to)
    system('cp', '-a', *names.map { |name| "#{BootMachine::TOP}/#{name}" }, to) or raise 'cp'
  end
end

Given(/^a copy of Cor in which (\w+) in (\S+) (.*)$/) do |function, file, mistake|
  @machine = BootMachine.new
  @copy = BrokenCopy.new(@machine.directory)
  @copy.break(file, function, mistake)
end

When(/^its DEBUG kernel boots$/) do
  @copy.make
  @machine.start("-cpu max -m 64 -kernel #{@copy.kernel} -append panic=off")
end

Then(/^it panics with "(.*)"$/) do |message|
  @machine.wait_for_serial(/^Kernel panic: #{message}.*^Powering off/m) or raise @machine.said
end
