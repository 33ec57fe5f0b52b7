# frozen_string_literal: true

require 'fileutils'
require 'pty'
require 'shellwords'
require 'socket'
require 'tmpdir'

# A machine that boots from a disk image of its own, watched through QEMU's monitor: for what
# happens before there is a kernel to talk to. Scenarios about programs use bin/run.
class BootMachine
  TOP = File.expand_path('../../..', __dir__)
  KIND = (ENV['CC'] || 'gcc') + (ENV['DEBUG'] == '1' ? '-debug' : '')

  attr_reader :disk, :directory

  def self.build
    return if @built

    system("top=#{TOP}; . #{TOP}/bin/.build", %i[out err] => File::NULL) or
      raise 'the build fails: run make'
    @built = true
  end

  def self.kernel
    "#{TOP}/build/#{KIND}/cor.elf"
  end

  def initialize
    @directory = Dir.mktmpdir('cor-boot')
    @disk = file('disk.img')
  end

  def file(name)
    File.join(@directory, name)
  end

  # Writes the disk image; without a kernel if so wanted.
  def make_disk(kernel: true, options: [])
    command = ["#{TOP}/build/tools/mkimage", '-o', @disk,
               '--sector', "#{TOP}/build/boot/sector.bin",
               '--loader', "#{TOP}/build/boot/loader.bin"]
    command += ['--kernel', BootMachine.kernel] if kernel
    system(*command, *options) or raise 'mkimage failed'
  end

  # Has bin/image write the disk image, for a program of that C source.
  def make_program_disk(source)
    File.write(file('program.c'), source)
    system('musl-gcc', '-static', '-o', file('program'), file('program.c')) or
      raise 'musl-gcc failed'
    system("#{TOP}/bin/image", '-o', @disk, file('program')) or raise 'bin/image failed'
  end

  # The image header's number at a byte offset of struct image_header (stage2/abi/image.h).
  def header_number(offset)
    File.binread(@disk, 4, 512 + offset).unpack1('V')
  end

  def overwrite(offset, bytes)
    File.open(@disk, 'r+b') do |f|
      f.seek(offset)
      f.write(bytes)
    end
  end

  # Starts QEMU with the arguments; DISK among them stands for the image.
  def start(arguments)
    words = arguments.gsub('DISK', @disk).shellsplit
    words.unshift('-serial', "file:#{file('serial')}") unless words.include?('-serial')
    @pid = spawn(@environment || {}, 'qemu-system-x86_64', '-nodefaults', '-display', 'none', '-no-reboot',
                 '-monitor', "unix:#{file('monitor')},server=on,wait=off",
                 *words, in: File::NULL, %i[out err] => file('errors'))
  end

  # The serial port is a pty with the lines of a modem (modem.c), without a carrier at first.
  def start_with_modem(arguments)
    system('gcc', '-shared', '-fPIC', '-o', file('modem.so'), "#{__dir__}/modem.c") or raise 'modem.c'
    self.carrier = false
    master, @cable = PTY.open
    @reader = Thread.new { IO.copy_stream(master, file('serial')) rescue nil }
    @environment = { 'LD_PRELOAD' => file('modem.so'), 'MODEM' => file('modem') }
    start("#{arguments} -chardev serial,id=port,path=#{@cable.path} -serial chardev:port")
  end

  # TIOCM_CTS and TIOCM_DSR are always on; TIOCM_CAR is the carrier.
  def carrier=(there)
    self.modem_lines = there ? '0x160' : '0x120'
  end

  def modem_lines=(bits)
    File.write("#{file('modem')}.new", bits)
    File.rename("#{file('modem')}.new", file('modem'))
  end

  # Starts Bochs, an emulator with another BIOS, which checks segment limits. It wants a terminal,
  # and its debugger wants to be told to go on.
  def start_bochs(cpu)
    cylinders = File.size(@disk) / (16 * 63 * 512)
    File.write(file('bochsrc'), <<~BOCHSRC)
      display_library: term
      romimage: file=/usr/share/bochs/BIOS-bochs-latest
      vgaromimage: file=/usr/share/vgabios/vgabios.bin
      megs: 128
      cpu: model=#{cpu}, ips=50000000, reset_on_triple_fault=0
      ata0-master: type=disk, path=#{@disk}, cylinders=#{cylinders}, heads=16, spt=63
      boot: disk
      com1: enabled=1, mode=file, dev=#{file('serial')}
      log: #{file('bochs.log')}
      sound: driver=dummy
      speaker: enabled=0
    BOCHSRC
    File.write(file('rc'), "c\n")
    output, _, @pid = PTY.spawn({ 'TERM' => 'vt100' }, 'bochs', '-q', '-f', file('bochsrc'),
                                '-rc', file('rc'))
    # Reading ends with an error when the terminal's last user goes.
    @reader = Thread.new { IO.copy_stream(output, File::NULL) rescue nil }
  end

  def serial
    File.exist?(file('serial')) ? File.binread(file('serial')) : ''
  end

  # What to raise with when it did not say what it should.
  def said
    text = serial
    "serial output: #{(text[-2000..-1] || text).inspect}"
  end

  # Waits until the block is true; false if that takes longer than the seconds.
  def wait(seconds)
    limit = Process.clock_gettime(Process::CLOCK_MONOTONIC) + seconds
    until yield
      return false if Process.clock_gettime(Process::CLOCK_MONOTONIC) > limit

      sleep 0.05
    end
    true
  end

  def wait_for_serial(pattern, seconds = 60)
    wait(seconds) { serial.match?(pattern) || ended? } && serial.match?(pattern)
  end

  # Has QEMU ended? Its status is then in @status.
  def ended?
    return true if @status

    _, @status = Process.wait2(@pid, Process::WNOHANG)
    !@status.nil?
  end

  def ended_well?(seconds = 60)
    wait(seconds) { ended? } && @status.success?
  end

  # One command to QEMU's monitor; what it answers.
  def monitor(command)
    wait(60) { File.exist?(file('monitor')) || ended? }
    UNIXSocket.open(file('monitor')) do |socket|
      read_prompt(socket)
      socket.puts(command)
      read_prompt(socket)
    end
  end

  # The text on the screen: 25 lines.
  def screen
    monitor(%(pmemsave 0xb8000 4000 "#{file('screen')}"))
    File.binread(file('screen')).bytes.each_slice(2).map { |c, _| c.zero? ? ' ' : c.chr }
        .each_slice(80).map { |line| line.join.rstrip }
  end

  # The screen scrolls by moving a window down its memory: all of that, as letters and colours.
  def screen_memory
    monitor(%(pmemsave 0xb8000 32000 "#{file('screen')}"))
    File.binread(file('screen')).unpack('v*').each_slice(80).to_a
  end

  def screen_lines
    screen_memory.map { |line| line.map { |cell| (cell & 255).chr }.join.tr("\0", ' ').rstrip }.reject(&:empty?)
  end

  def wait_for_screen(text, seconds = 60)
    wait(seconds) { screen_lines.any? { |line| line.include?(text) } }
  end

  # The colour of the last such text.
  def screen_colour(text)
    screen_memory.map { |line| [line.map { |cell| (cell & 255).chr }.join.index(text), line] }
                 .reverse.find(&:first).then { |at, line| line[at] >> 8 }
  end

  # One key, by QEMU's name for it; each is held for a moment.
  def press(key)
    monitor("sendkey #{key} 20")
    sleep 0.04
  end

  KEYS = { ' ' => 'spc', "\n" => 'ret', '/' => 'slash', '-' => 'minus', '.' => 'dot', ',' => 'comma', ';' => 'semicolon',
           ':' => 'shift-semicolon', '>' => 'shift-dot', '|' => 'shift-backslash', '$' => 'shift-4', '!' => 'shift-1',
           '?' => 'shift-slash', '"' => 'shift-apostrophe', "'" => 'apostrophe', '=' => 'equal', '\\' => 'backslash',
           '[' => 'bracket_left', '_' => 'shift-minus' }.freeze

  def type(text)
    text.each_char { |c| press(KEYS[c] || (c =~ /[A-Z]/ ? "shift-#{c.downcase}" : c)) }
  end

  # Has the processor stopped for good: HLT with interrupts off?
  def halted?
    registers = monitor('info registers')
    registers.include?('HLT=1') && registers[/[ER]FL=(\h+)/, 1].hex[9].zero?
  end

  def close
    unless @pid.nil? || ended?
      Process.kill('KILL', @pid)
      Process.wait(@pid)
    end
    FileUtils.rm_rf(@directory)
  end

  private

  def read_prompt(socket)
    text = +''
    text << socket.readpartial(4096) until text.end_with?('(qemu) ')
    text
  end
end
