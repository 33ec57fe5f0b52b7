# frozen_string_literal: true

# Bytes through a program, from stdin to stdout of bin/run: what they cost the host's CPUs, all of
# them together, beyond a run with no bytes.

require_relative 'machine'

STREAM_MIB = 256

def bench_streams
  bytes = Random.bytes(STREAM_MIB << 20)
  kernels = %w[cor linux]
  times = Array.new(3) do
    kernels.product(['', bytes]).map do |kernel, input|
      before = cpu_seconds
      output = machine(kernel, '/bin/busybox', 'cat', input: input)[1]
      abort("bin/bench: #{kernel} has changed the stream") unless output == input
      cpu_seconds - before
    end
  end
  cor_empty, cor, linux_empty, linux = times.transpose.map(&:min)
  puts format('%d MiB in and out: %.2f s of the host\'s CPUs, on Linux %.2f s', STREAM_MIB,
              cor - cor_empty, linux - linux_empty)
end

# Of all children that have ended.
def cpu_seconds
  times = Process.times
  times.cutime + times.cstime
end
