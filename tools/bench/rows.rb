# frozen_string_literal: true

# The rows of test/bench, measured. A figure is [median of the runs, least, greatest]; nil where a
# kernel does not have what the row takes.

require_relative 'machine'
require_relative 'boot'

MODES = %w[instructions wall].freeze
RUNS = { 'instructions' => 3, 'wall' => 5 }.freeze
WALL_TIMES = 10 # as many operations as for counting, so that a round lasts some milliseconds

# {name => text}, in their order.
def row_texts
  @row_texts ||= row_list.transform_values(&:last).merge(BOOT_ROWS)
end

# {name => operations in a go}
def row_times
  row_list.transform_values { |times, _| times.to_i }
end

def row_list
  `#{ROWS} --list`.scan(/^(\S+) (\d+) (.*)$/).to_h { |name, *rest| [name, rest] }
end

# {name => the rounds of one boot}, ticks in a second.
def rows_run(kernel, names, *options, qemu:)
  output = machine(kernel, ROWS, *options, *names, qemu: qemu)[1]
  rounds = output.scan(/^(\S+): (?:([\d ]+)|not there)$/).to_h
  rate = output[/^ticks in a second: (\d+)/, 1].to_f
  [rounds.transform_values { |values| values&.split&.map(&:to_f) }, rate]
end

# What one boot says of each row. Of several rounds, counting takes the one in the middle; the clock
# takes the shortest, for what is longer waited for the host.
def instructions_once(kernel, names)
  counted = names - BOOT_ROWS.keys
  values = {}
  unless counted.empty?
    rounds = rows_run(kernel, counted, qemu: COUNTED).first
    values = rounds.transform_values { |r| r && median(r) }
  end
  values.merge(counted == names ? {} : boot_counts(kernel).slice(*names))
end

def wall_once(kernel, names)
  rounds, rate = rows_run(kernel, names - BOOT_ROWS.keys, '-t', WALL_TIMES.to_s, qemu: CPU)
  # All count the same ticks; Linux's clock is the host's.
  @rate = rate unless @rate && kernel == 'cor'
  rounds.transform_values { |r| r&.min }
end

# {name => {kernel => figure}}, the kernels in turn.
def measure(mode, names, runs, kernels)
  names -= BOOT_ROWS.keys if mode == 'wall' # bin/bench boot has it
  seen = Array.new(runs) do |i|
    kernels.to_h do |kernel|
      progress("#{mode}: run #{i + 1} of #{runs}, #{KERNEL_TEXTS[kernel]}")
      [kernel, mode == 'wall' ? wall_once(kernel, names) : instructions_once(kernel, names)]
    end
  end
  progress('')
  unit = mode == 'wall' ? 1e9 / @rate : 1
  names.to_h { |name| [name, kernels.to_h { |k| [k, figure(seen.map { |s| s[k][name] }, unit)] }] }
end

def figure(values, unit)
  return nil if values.any?(&:nil?)

  [median(values), *values.minmax].map { |value| (value * unit).round(1) }
end
