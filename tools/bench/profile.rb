# frozen_string_literal: true

# On which of the kernel's functions a row's instructions are spent. The plugin counts each
# instruction between the marks that the program sets; the kernel's symbol table names functions. An
# inlined function is its caller's.

require_relative 'rows'

PROFILE_LEAST = 0.002 # smaller shares are summed up
KERNEL_HALF = 1 << 63 # addresses from here on are the kernel's

# [[address, name]...], ascending.
def kernel_symbols
  `nm -n --defined-only #{kernel_build}/cor.elf`.scan(/^(\h+) [tT] (\S+)$/)
                                               .map { |address, name| [address.hex, name] }
                                               .select { |address, _| address >= KERNEL_HALF }
end

# {function => instructions}
def by_function(counts)
  symbols = kernel_symbols
  counts.each_with_object(Hash.new(0)) do |(address, count), sums|
    following = symbols.bsearch_index { |from, _| from > address } || symbols.size
    sums[address >= KERNEL_HALF ? symbols[following - 1].last[/^[^.]+/] : '(the program)'] += count
  end
end

def bench_profile(name)
  times = row_times[name] or abort("bin/bench: no profile of a row #{name}")
  file = "#{OUT}/profile-#{name}"
  rows_run('cor', [name], qemu: "#{COUNTED} -plugin #{PLUGIN},out=#{file},mark=on")
  text = File.read(file)
  operations = text[/^marks (\d+)/, 1].to_i * times
  counts = text.scan(/^(\h+) (\d+)$/).map { |address, count| [address.hex, count.to_i] }
  print_profile(by_function(counts), operations)
  puts "each instruction's count: #{file}"
end

def print_profile(sums, operations)
  all = sums.values.sum
  puts 'instructions   share'
  shown, rest = sums.sort_by { |_, count| -count }.partition { |_, c| c >= all * PROFILE_LEAST }
  rest = [["(#{rest.size} others)", rest.sum(&:last)]]
  (shown + rest + [['all', all]]).each do |function, count|
    puts format('%12.1f  %5.1f%%  %s', count.to_f / operations, count * 100.0 / all, function)
  end
end
