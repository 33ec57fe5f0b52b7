# frozen_string_literal: true

# Figures as tables.

AIM = 0.25     # of Linux's instructions
AIM_MEAN = 0.2
NOISE = 0.01   # of a count

# Which of a figure's three a ratio is of: the median, or the least of the runs, which a busy host
# has disturbed least.
MEDIAN = 0
LEAST = 1

# Cor to the faster Linux; nil where there are not both.
def ratio(figures, which = MEDIAN)
  linux = figures.reject { |kernel, figure| kernel == 'cor' || figure.nil? }.values
  linux = linux.map { |figure| figure[which] }.min
  linux && figures['cor'] && figures['cor'][which].to_f / linux
end

def ratio_mean(rows, which = MEDIAN)
  ratios = rows.values.map { |figures| ratio(figures, which) }.compact
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

def share(value)
  value ? format('%.3f', value) : '-'
end

def print_row(mode, name, figures)
  r = ratio(figures)
  puts format('%-34s %10s %10s %10s %8s %8s %6.1f%%%s', row_texts[name],
              *KERNELS.keys.map { |k| figures.key?(k) ? number(figures[k]) : '' },
              share(r), share(ratio(figures, LEAST)), spread_of(figures),
              r && r > aim_of(mode) ? ' *' : '')
end

def print_mean(text, rows)
  mean = ratio_mean(rows)
  puts format('%-34s %41s %8s', text, share(mean), share(ratio_mean(rows, LEAST))) if mean
end

def print_table(mode, rows)
  puts format('%-34s %10s %10s %10s %8s %8s %7s', mode == 'wall' ? 'nanoseconds' : mode,
              *KERNEL_TEXTS.values, 'ratio', 'least', 'spread')
  rows.each { |name, figures| print_row(mode, name, figures) }
  return unless ratio_mean(rows)

  print_mean('geometric mean', rows)
  calls = rows.reject { |name, _| BOOT_ROWS.key?(name) }
  print_mean('without the boot', calls) if calls.size < rows.size
  missed = rows.values.count { |figures| (ratio(figures) || 0) > aim_of(mode) }
  puts format('ratio: Cor to the faster Linux, of the medians; least: of the least runs; ' \
              '* more than %.2f: %d of %d', aim_of(mode), missed, rows.size)
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
