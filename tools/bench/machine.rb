# frozen_string_literal: true

# What is measured, made; and the machines that it runs on.

require 'fileutils'
require 'open3'
require 'socket'

TOP = File.expand_path('../..', __dir__)
OUT = "#{TOP}/build/bench"
ROWS = "#{OUT}/rows"     # the program of micro-benchmarks: test/bench
PLUGIN = "#{OUT}/count.so"

# The kernels side by side, and how bin/run is told.
KERNELS = {
  'cor' => %w[--kernel cor],
  'linux' => %w[--kernel linux],
  'linux-off' => %w[--kernel linux --append mitigations=off]
}.freeze
KERNEL_TEXTS = { 'cor' => 'Cor', 'linux' => 'Linux', 'linux-off' => 'mit.off' }.freeze

# Not `max`: with ERMS, Linux clears and copies pages by the byte, which the emulator executes (and
# counts) one by one, and with LA57 it has five levels of page tables. Without, it is faster.
CPU = '-cpu max,-erms,-la57'
# One nanosecond of the machine is one instruction.
COUNTED = "#{CPU} -icount shift=0,sleep=off"

def run!(*command)
  system(*command) or abort("bin/bench: #{command.join(' ')}: failed")
end

def prepare
  FileUtils.mkdir_p(OUT)
  run!('musl-gcc', '-static', '-O2', '-Wall', '-o', ROWS, *Dir["#{TOP}/test/bench/*.c"].sort)
  run!('gcc', '-shared', '-fPIC', '-O2', '-Wall', '-o', PLUGIN, "#{TOP}/tools/bench/count.c")
  run!('nasm', '-f', 'bin', '-o', "#{OUT}/letter.img", "#{TOP}/test/bench/letter.asm")
  File.truncate("#{OUT}/letter.img", 1 << 20) # SeaBIOS refuses smaller ones on virtio
  run!("#{TOP}/bin/run", '--help', out: File::NULL) # builds what is stale
end

# Runs bin/run. Returns seconds, stdout and stderr.
def machine(kernel, *arguments, qemu: CPU, input: '')
  command = ["#{TOP}/bin/run", '--accel', 'tcg', '--qemu', qemu, *KERNELS.fetch(kernel), *arguments]
  start = now
  output, error, status = Open3.capture3(*command, stdin_data: input, binmode: true)
  seconds = now - start
  abort("bin/bench: #{command.join(' ')}: #{output}#{error}") unless status.success?
  [seconds, output, error]
end

# Boots a bare boot sector. Returns seconds to its letter.
def bare_machine
  ours, theirs = UNIXSocket.pair
  start = now
  pid = spawn('qemu-system-x86_64', *%w[-nodefaults -no-user-config -display none -no-reboot
                                        -machine pc -accel tcg -m 256], *CPU.split,
              '-chardev', "socket,id=s,fd=#{theirs.fileno}", '-serial', 'chardev:s',
              '-drive', "file=#{OUT}/letter.img,format=raw,if=virtio,readonly=on",
              theirs.fileno => theirs.fileno)
  theirs.close
  ours.read(1)
  now - start
ensure
  Process.kill('KILL', pid)
  Process.wait(pid)
end

def now
  Process.clock_gettime(Process::CLOCK_MONOTONIC)
end

def median(values)
  values.sort[values.size / 2]
end

def progress(text)
  $stderr.print("\r\e[K#{text}") if $stderr.tty?
end
