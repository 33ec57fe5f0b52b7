# frozen_string_literal: true

require 'English'

After do
  @machine&.close
end

Given(/^a disk image with the kernel$/) do
  BootMachine.build
  @machine = BootMachine.new
  @machine.make_disk
end

Given(/^a disk image without a kernel$/) do
  @machine.make_disk(kernel: false)
end

Given(/^a disk image whose archive of (\d+) MiB is to be loaded$/) do |mib|
  File.open(@machine.file('archive'), 'wb') { |f| f.truncate(mib.to_i << 20) }
  @machine.make_disk(options: ['--archive', @machine.file('archive'), '--load-archive'])
end

Given(/^sector (\d+) of the disk cannot be read$/) do |sector|
  File.write(@machine.file('blkdebug.conf'), <<~CONF)
    [inject-error]
    event = "read_aio"
    errno = "5"
    sector = "#{sector}"
  CONF
end

Given(/^the disk ends after sector (\d+)$/) do |sector|
  File.truncate(@machine.disk, sector.to_i * 512)
end

Given(/^(\d+) bytes of the kernel are zeros$/) do |bytes|
  kernel_lba = @machine.header_number(24)
  @machine.overwrite(kernel_lba * 512 + 4096, "\0" * bytes.to_i)
end

Given(/^one bit of the image header is turned over$/) do
  byte = File.binread(@machine.disk, 1, 512 + 100).ord
  @machine.overwrite(512 + 100, (byte ^ 1).chr)
end

Given(/^sectors (\d+) to (\d+) of the disk are zeros$/) do |first, last|
  @machine.overwrite(first.to_i * 512, "\0" * ((last.to_i - first.to_i + 1) * 512))
end

When(/^it boots on a machine with "(.*)"$/) do |arguments|
  @machine.start("-device VGA #{arguments.gsub('CONF', @machine.file('blkdebug.conf'))}")
end

When(/^the kernel is booted directly on a machine with "(.*)"$/) do |arguments|
  elf = "#{BootMachine::TOP}/build/#{BootMachine::KIND}/cor.elf"
  @machine.start("-device VGA -kernel #{elf} #{arguments}")
end

When(/^it boots in Bochs on a "(.*)"$/) do |cpu|
  @machine.start_bochs(cpu)
end

When(/^the kernel is booted directly on a machine that is to come up with "(.*)"$/) do |arguments|
  elf = "#{BootMachine::TOP}/build/#{BootMachine::KIND}/cor.elf"
  @machine.start("-kernel #{elf} #{arguments}")
end

Then(/^init says hello$/) do
  @machine.wait_for_serial(/hello from process 1/) or
    raise "serial output: #{@machine.serial[-2000..-1] || @machine.serial}"
end

Then(/^the machine goes off$/) do
  raise "it does not; serial output: #{@machine.serial[-2000..-1] || @machine.serial}" unless @machine.ended_well?
end

Then(/^the serial port says "(.*)"$/) do |text|
  @machine.wait_for_serial(/#{Regexp.escape(text)}/) or raise "serial output: #{@machine.serial.inspect}"
end

When(/^I run "(.*)"$/) do |command|
  BootMachine.build
  @output = Dir.chdir(BootMachine::TOP) { `timeout 60 #{command} 2>&1 < /dev/null` }
  @exit_status = $CHILD_STATUS.exitstatus
end

Then(/^it prints "(.*)"$/) do |text|
  raise "it prints #{@output}" unless @output.include?(text)
end

Then(/^its exit status is (\d+)$/) do |status|
  raise "it is #{@exit_status}" unless @exit_status == status.to_i
end

Then(/^it stops with "(.*)"$/) do |message|
  # The parentheses are meant as such; the rest is a pattern.
  pattern = Regexp.new(message.gsub(/[()]/) { |c| "\\#{c}" })
  raise "serial output: #{@machine.serial.inspect}" unless @machine.wait_for_serial(/#{pattern}.*\n/)
  raise 'the machine goes on' unless @machine.wait(10) { @machine.halted? }

  screen = @machine.screen
  raise "screen: #{screen.reject(&:empty?).inspect}" unless screen.any? { |line| line.match?(pattern) }
end
