# frozen_string_literal: true

require 'fileutils'
require 'open3'
require 'shellwords'
require 'tmpdir'
require 'zlib'

# A person's shell: commands run in a folder of their own, with the programs of test/features/programs
# in it. `bin/run` and `bin/image` in a command are Cor's.
module RunCommand
  TOP = File.expand_path('../../..', __dir__)
  PROGRAMS = "#{TOP}/test/features/programs"
  BUILT = "#{TOP}/build/features"
  # Libraries of Debian that a program is linked with, statically, and then with glibc.
  LIBRARIES = { 'lua' => '-I/usr/include/lua5.4 -llua5.4 -ldl -lm', 'sqlite' => '-lsqlite3 -ldl -lpthread -lm',
                'glibc' => '', 'pie' => '' }.freeze

  Result = Struct.new(:stdout, :stderr, :status)

  # Builds a program if its source is newer; returns its path.
  def self.program(name)
    source = "#{PROGRAMS}/#{name}.c"
    built = "#{BUILT}/#{name}"
    return built if File.exist?(built) && File.mtime(built) > File.mtime(source)

    FileUtils.mkdir_p(BUILT)
    compiler = LIBRARIES.key?(name) ? 'gcc' : 'musl-gcc'
    kind = name == 'pie' ? '-static-pie' : '-static'
    system("#{compiler} #{kind} -O1 -w -o #{built}.#{$$} #{source} #{LIBRARIES[name]} 2>/dev/null") or raise "#{name} does not compile"
    File.rename("#{built}.#{$$}", built)
    built
  end

  def self.mkarchive
    tool = "#{TOP}/build/tools/mkarchive"
    @mkarchive ||= system("make -s -C #{TOP} build/tools/mkarchive > /dev/null") && tool or raise 'make mkarchive'
  end

  def folder
    @folder ||= Dir.mktmpdir('cor-feature')
  end

  def file(name)
    File.join(folder, name)
  end

  # Runs a shell command; `./NAME` is one of our programs where there is one of that name.
  def run_command(command)
    command.scan(%r{\./(\w+)}).flatten.uniq.each do |name|
      next unless File.exist?("#{PROGRAMS}/#{name}.c")

      FileUtils.ln_sf(RunCommand.program(name), file(name))
    end
    command = command.gsub(%r{(?<![\w/])bin/(run|image|bench)\b}) { "#{ENV["COR_#{$1.upcase}"] || "#{TOP}/bin/#{$1}"}" }
    command = command.gsub(/\bmkarchive\b/, RunCommand.mkarchive) if command.include?('mkarchive')
    stdout, stderr, status = Open3.capture3('bash', '-c', command, chdir: folder, binmode: true)
    Result.new(stdout, stderr, status.exitstatus || 128 + status.termsig)
  end

  def remove_folder
    FileUtils.rm_rf(@folder) if @folder
  end
end

World(RunCommand)

After do |scenario|
  if scenario.failed? && @result
    warn "\nstatus: #{@result.status}\nstdout: #{@result.stdout[0, 2000]}\nstderr: #{@result.stderr[0, 4000]}"
    warn "log: #{File.binread(file('log')).lines.last(50).join}" if File.exist?(file('log'))
  end
  remove_folder
end

# Whatever is stale is built before the first scenario, so that no scenario sees it happen.
system("#{RunCommand::TOP}/bin/run", '--help', %i[out err] => File::NULL) or abort('Cor does not build: run make')
