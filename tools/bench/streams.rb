# frozen_string_literal: true

# Bytes through a program, from stdin to stdout of bin/run.

require_relative 'machine'

STREAM_MIB = 64

def bench_streams
  bytes = Random.bytes(STREAM_MIB << 20)
  kernels = %w[cor linux]
  times = Array.new(3) do
    kernels.product(['', bytes]).map do |kernel, input|
      seconds, output = machine(kernel, '/bin/busybox', 'cat', input: input)
      abort("bin/bench: #{kernel} has changed the stream") unless output == input
      seconds
    end
  end
  cor_empty, cor, linux_empty, linux = times.transpose.map { |values| median(values) }
  puts format('%d MiB in and out: Cor %.0f MiB/s, Linux %.0f MiB/s', STREAM_MIB,
              STREAM_MIB / (cor - cor_empty), STREAM_MIB / (linux - linux_empty))
end
