# frozen_string_literal: true

# Figures as tables.

AIM = 0.25     # of Linux's instructions
AIM_MEAN = 0.2
NOISE = 0.01   # of a count

# The least of Linux's figures; nil where it has none.
def best_linux(figures)
  figures.reject { |kernel, figure| kernel == 'cor' || figure.nil? }.values.map(&:first).min
end

def ratio(figures)
  linux = best_linux(figures)
  linux && figures['cor'] && figures['cor'].first.to_f / linux
end

def ratio_mean(rows)
  ratios = rows.values.map { |figures| ratio(figures) }.compact
  Math.exp(ratios.sum { |r| Math.log(r) } / ratios.size) unless ratios.empty?
end

def aim_of(mode)
  mode == 'wall' ? 1.0 : AIM
end

def number(figure)
  figure ? format(figure.first < 100_000_000 ? '%.0f' : '%.3e', figure.first) : 'not there'
end

# How far the runs lie apart, in per cent of the least: the widest of the kernels.
def spread_of(figures)
  figures.values.compact.map { |_, low, high| (high - low) / [low, 1].max * 100 }.max || 0
end

def print_table(mode, rows)
  aim = aim_of(mode)
  puts format('%-34s %10s %10s %10s %8s %7s', mode == 'wall' ? 'nanoseconds' : mode,
              *KERNEL_TEXTS.values, 'ratio', 'spread')
  rows.each do |name, figures|
    r = ratio(figures)
    puts format('%-34s %10s %10s %10s %8s %6.1f%%%s', row_texts[name],
                *KERNELS.keys.map { |k| figures.key?(k) ? number(figures[k]) : '' },
                r ? format('%.3f', r) : '-', spread_of(figures), r && r > aim ? ' *' : '')
  end
  mean = ratio_mean(rows)
  return if mean.nil?

  puts format('%-34s %41.3f', 'geometric mean', mean)
  calls = rows.reject { |name, _| BOOT_ROWS.key?(name) }
  mean = calls.size < rows.size && ratio_mean(calls)
  puts format('%-34s %41.3f', 'without the boot', mean) if mean

  missed = rows.values.count { |figures| (ratio(figures) || 0) > aim }
  puts format('ratio: Cor to the faster Linux; * more than %.2f: %d of %d', aim, missed, rows.size)
end

# Beside an earlier run's figures. A change counts if it is more than the noise: of a count 1 %; in
# time, if the two spreads do not meet.
def beyond_noise?(mode, old, new)
  return (new.first - old.first).abs > old.first * NOISE if mode == 'instructions'

  new[1] > old[2] || new[2] < old[1]
end

def print_comparison(mode, old_rows, rows)
  puts format('%-34s %12s %12s %9s', "#{mode}, Cor", 'old', 'new', 'change')
  rows.each do |name, figures|
    old = old_rows.dig(name, 'cor')
    new = figures['cor']
    line = format('%-34s %12s %12s', row_texts[name], number(old), number(new))
    if old && new
      line += format(' %+8.1f%%', (new.first.to_f / old.first - 1) * 100)
      line += ' *' if beyond_noise?(mode, old, new)
    end
    puts line
  end
  puts '* beyond the noise'
end
