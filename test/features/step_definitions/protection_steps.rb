# frozen_string_literal: true

# What is mapped, as QEMU's monitor lists it: leaf entries, X = no-execute, W = writable, U = user.
Page = Struct.new(:address, :physical, :flags) do
  def writable?
    flags.include?('W')
  end

  def executable?
    !flags.include?('X')
  end

  def user?
    flags.include?('U')
  end

  def kernel?
    address >= 1 << 63
  end
end

# Names of bits: SDM 3A 2.5 and 2.2.1.
REGISTER_BITS = {
  'CR0' => %w[PE MP EM TS ET NE].each_with_index.to_h.merge('WP' => 16, 'PG' => 31),
  'CR4' => { 'PAE' => 5, 'PGE' => 7, 'OSFXSR' => 9, 'OSXMMEXCPT' => 10, 'UMIP' => 11,
             'OSXSAVE' => 18, 'SMEP' => 20, 'SMAP' => 21 },
  'EFER' => { 'SCE' => 0, 'LME' => 8, 'LMA' => 10, 'NXE' => 11 }
}.freeze

def pages
  lines = @machine.monitor('info tlb').scan(/^(\h{16}): (\h{16}) (\S{9})/)
  lines.map { |address, physical, flags| Page.new(address.hex, physical.hex, flags) }
end

# The addresses of the linker script's symbols.
def kernel_symbol(name)
  address = `nm #{BootMachine.kernel}`[/^(\h+) \w #{name}$/, 1] or raise "no #{name}"
  address.hex
end

def refuse(wrong)
  raise 'nothing is mapped' if pages.empty?
  return if wrong.empty?

  list = wrong.first(10).map { |p| format('%016x %s', p.address, p.flags) }
  raise "#{wrong.size} pages are wrong: #{list.join(', ')}"
end

Given(/^a disk image of a program that prints "(.*)" and then (runs|sleeps) for ever$/) do |text, what|
  @machine.make_program_disk(<<~SOURCE)
    #include <stdio.h>
    #include <unistd.h>
    int main(void)
    {
      puts("#{text}");
      for (;;)
        #{what == 'runs' ? 'fflush(stdout)' : 'sleep(1000)'};
    }
  SOURCE
end

When(/^an NMI comes$/) do
  sleep 0.1
  @machine.monitor('nmi')
end

When(/^the serial port has said "(.*)"$/) do |text|
  @machine.wait_for_serial(/#{Regexp.escape(text)}/) or raise @machine.said
  @machine.monitor('stop')
end

Then(/^no page is writable and executable$/) do
  refuse(pages.select { |p| p.writable? && p.executable? })
end

Then(/^no page of the kernel can be reached from user mode$/) do
  raise 'there is nothing of the kernel' unless pages.any?(&:kernel?)
  raise 'there is nothing of the program' unless pages.any?(&:user?)

  refuse(pages.select { |p| p.kernel? && p.user? })
end

Then(/^the kernel's text and read-only data cannot be written, at either of their addresses$/) do
  physical = (kernel_symbol('__text_start')...kernel_symbol('__rodata_end'))
  physical = (physical.begin - 0xffffffff80000000)...(physical.end - 0xffffffff80000000)
  of_image = pages.select { |p| physical.cover?(p.physical) }
  raise 'not at two addresses' if of_image.count(&:kernel?) < physical.size / 4096 * 2

  refuse(of_image.select(&:writable?))
end

Then(/^of the kernel's half only its text can be executed$/) do
  text = kernel_symbol('__text_start')...kernel_symbol('__text_end')
  refuse(pages.select { |p| p.kernel? && p.executable? && !text.cover?(p.address) })
end

Then(/^(CR0|CR4|EFER) has (.*?)(?:, and neither (.*))?$/) do |register, set, clear|
  value = @machine.monitor('info registers')[/#{register}=(\h+)/, 1].hex
  bits = REGISTER_BITS[register]
  wrong = set.split(/, | and /).reject { |name| value[bits.fetch(name)] == 1 }
  wrong += (clear || '').split(' nor ').reject { |name| value[bits.fetch(name)].zero? }
  raise format('%s is %x: wrong are %s', register, value, wrong.join(', ')) unless wrong.empty?
end
