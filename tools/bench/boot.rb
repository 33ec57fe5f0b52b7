# frozen_string_literal: true

# The boot, counted by the plugin: what is executed until somewhere. (-icount alone misleads: where
# a machine waits for the host, its time runs on to its next timer, and nothing is executed.)

BOOT_ROWS = {
  'boot-init' => 'boot, to the first instruction of init',
  'boot-program' => 'boot, to the first instruction of a program'
}.freeze

# Where each kernel's own boot begins: the boot sector; Linux's set-up code, as QEMU loads it.
BOOT_BEGINS = { 'cor' => '7c00', 'linux' => '10200', 'linux-off' => '10200' }.freeze

# "ADDRESS:BYTES" of an ELF file's first instruction, as the plugin wants it.
def entry_of(path)
  elf = File.binread(path)
  entry, headers = elf.unpack('@24Q<Q<')
  count = elf.unpack1('@56S<')
  count.times do |i|
    type, _, offset, address, _, bytes = elf.unpack("@#{headers + 56 * i}L<L<Q<Q<Q<Q<")
    next unless type == 1 && entry >= address && entry < address + bytes

    return format('%x:%s', entry, elf[offset + entry - address, 16].unpack1('H*'))
  end
  abort("bin/bench: #{path} has no entry")
end

# {row => instructions} of one boot.
def boot_counts(kernel)
  places = { 'begin' => "#{BOOT_BEGINS.fetch(kernel)}:",
             'boot-init' => entry_of("#{kernel_build}/init/init.elf"),
             'boot-program' => entry_of(ROWS) }
  at = places.map { |name, place| ",at=#{name}:#{place}" }.join
  machine(kernel, ROWS, 'exit', qemu: "#{COUNTED} -plugin #{PLUGIN},out=#{OUT}/boot#{at}")
  counts = File.read("#{OUT}/boot").scan(/^(\S+) (\d+)$/).to_h.transform_values(&:to_i)
  BOOT_ROWS.keys.to_h { |name| [name, counts.fetch(name) - counts.fetch('begin')] }
end

# Where bin/run's kernel is built.
def kernel_build
  compiler = File.basename(ENV.fetch('CC', 'gcc'))
  "#{TOP}/build/#{compiler}#{'-debug' if ENV['DEBUG'] == '1'}"
end

# ---- bin/bench boot ------------------------------------------------------------------------------

# "12.3 ms (11.9 to 14.0)"
def spread(seconds)
  format('%.1f ms (%.1f to %.1f)', *[median(seconds), *seconds.minmax].map { |s| s * 1000 })
end

def bench_boot
  puts 'the boot by stage (microseconds are thousands of instructions):'
  puts machine('cor', '--boot-times', ROWS, 'exit', qemu: COUNTED)[2].gsub(/^/, '  ')
  puts
  times = Array.new(9) { [bare_machine, *KERNELS.keys.map { |k| machine(k, ROWS, 'exit').first }] }
  names = KERNEL_TEXTS.values.map { |kernel| "bin/run, all of it: #{kernel}" }
  names.unshift('a boot sector, to its letter')
  times.transpose.zip(names) { |seconds, name| puts format('%-35s %s', name, spread(seconds)) }
end
