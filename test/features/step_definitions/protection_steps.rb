# frozen_string_literal: true

# Bits of control registers: SDM volume 3A, 2.5; EFER: 2.2.1.
REGISTER_BITS = {
  'CR0' => { 'WP' => 16 },
  'CR4' => { 'UMIP' => 11, 'SMEP' => 20, 'SMAP' => 21 },
  'EFER' => { 'SCE' => 0, 'LMA' => 10, 'NXE' => 11 }
}.freeze

Page = Struct.new(:address, :flags) do
  def executable?
    !flags.include?('X') # QEMU prints X where execution is disabled
  end

  def writable?
    flags.include?('W')
  end

  def user?
    flags.include?('U')
  end

  def upper?
    address >= 1 << 63
  end
end

When(/^"(.*)" runs in a machine that is watched$/) do |command|
  socket = file('monitor')
  log = file('log')
  runner = Thread.new do
    run_command("bin/run --timeout 30 --log #{log} --qemu '-monitor unix:#{socket},server=on,wait=off' #{command}")
  end
  sleep 0.05 until File.exist?(socket) || !runner.alive?
  sleep 0.05 until File.read(log).include?('boot-times') || !runner.alive?
  sleep 1
  UNIXSocket.open(socket) do |monitor|
    read_prompt = lambda do
      text = +''
      text << monitor.readpartial(65_536) until text.end_with?('(qemu) ')
      text
    end
    ask = ->(question) { monitor.puts(question) || read_prompt.call }
    read_prompt.call
    ask.call('stop')
    @pages = ask.call('info tlb').scan(/^(\h{16}): \h{16} (\S{9})\r?$/).map { |at, flags| Page.new(at.hex, flags) }
    @registers = ask.call('info registers')
    monitor.puts('quit')
  end
  runner.join
end

Then(/^more than (\d+) pages are mapped$/) do |count|
  @pages.size > count.to_i or raise "#{@pages.size} are"
end

Then(/^no page is writable and executable$/) do
  bad = @pages.select { |page| page.writable? && page.executable? }
  bad.empty? or raise bad.map { |page| format('%x %s', *page) }.join("\n")
end

Then(/^no page of the upper half can be reached from user mode$/) do
  bad = @pages.select { |page| page.upper? && page.user? }
  bad.empty? or raise bad.map { |page| format('%x %s', *page) }.join("\n")
end

Then(/^pages of the lower half can be reached from user mode$/) do
  @pages.any? { |page| !page.upper? && page.user? } or raise 'there are none'
end

Then(/^the bits (.*) of (CR0|CR4|EFER) are set$/) do |bits, register|
  value = @registers[/#{register} ?=(\h+)/, 1].hex
  bits.split.each { |bit| value[REGISTER_BITS[register][bit]] == 1 or raise format('%s is %x', register, value) }
end
