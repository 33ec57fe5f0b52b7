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

Given(/^a disk image of a program that prints "(.*)"$/) do |text|
  main = %(int main(void) { return puts("#{text}") < 0; })
  @machine.make_program_disk("#include <stdio.h>\n#{main}\n")
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
  @machine.start("-device VGA -kernel #{BootMachine.kernel} #{arguments}")
end

When(/^it boots in Bochs on a "(.*)"$/) do |cpu|
  @machine.start_bochs(cpu)
end

When(/^the kernel is booted directly on a machine that is to come up with "(.*)"$/) do |arguments|
  @machine.start("-kernel #{BootMachine.kernel} #{arguments}")
end

Then(/^init says hello$/) do
  @machine.wait_for_serial(/hello from process 1/) or raise @machine.said
end

Then(/^Bochs ends$/) do
  raise @machine.said unless @machine.wait(60) { @machine.ended? }
end

Then(/^the machine goes off$/) do
  raise @machine.said unless @machine.ended_well?
end

Then(/^the serial port says "(.*)"$/) do |text|
  @machine.wait_for_serial(/#{Regexp.escape(text)}/) or raise @machine.said
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
  @machine.wait_for_serial(/#{pattern}.*\n/) or raise @machine.said
  raise 'the machine goes on' unless @machine.wait(10) { @machine.halted? }

  screen = @machine.screen
  next if screen.any? { |line| line.match?(pattern) }

  raise "screen: #{screen.reject(&:empty?).inspect}"
end

Given(/^another disk image with the kernel$/) do
  @first = File.binread(@machine.disk, 1024)
  @machine.make_disk
end

Then(/^their disk signatures and their image ids differ$/) do
  second = File.binread(@machine.disk, 1024)
  raise 'same signature' if @first[0x1b8, 4] == second[0x1b8, 4]
  raise 'same id' if @first[512 + 16, 8] == second[512 + 16, 8]
end

Then(/^the disk is at least 1 MiB long, in whole MiB$/) do
  size = File.size(@machine.disk)
  raise "#{size} bytes" unless size >= 1 << 20 && (size % (1 << 20)).zero?
end

Then(/^its boot sector ends in 55 AA and begins with a jump over bytes 3 to 61$/) do
  sector = File.binread(@machine.disk, 512).bytes
  raise 'no signature' unless sector[510, 2] == [0x55, 0xaa]
  raise 'no jump' unless sector[0] == 0xeb && sector[1] >= 60 && sector[2] == 0x90
  raise 'something is there' unless sector[3..61].all?(&:zero?)
end

# The four entries of the partition table, as hashes.
def partitions(disk)
  File.binread(disk, 64, 446).scan(/.{16}/mn).map do |entry|
    active, head, sector, cylinder, type, = entry.unpack('C8')
    first, count = entry.unpack('x8VV')
    { active: active, chs: [cylinder | (sector & 0xc0) << 2, head, sector & 63], type: type,
      first: first, count: count }
  end
end

Then(%r{^one partition is active, and begins at sector (\d+), which is ([\d/]+)$}) do |lba, chs|
  first = partitions(@machine.disk).first
  raise first.inspect unless first[:active] == 0x80 && first[:type] != 0
  raise first.inspect unless first[:first] == lba.to_i && first[:chs].join('/') == chs
end

Then(/^that partition ends with the disk$/) do
  first = partitions(@machine.disk).first
  raise first.inspect unless (first[:first] + first[:count]) * 512 == File.size(@machine.disk)
end

Then(/^the other partitions are empty$/) do
  raise unless partitions(@machine.disk).drop(1).all? { |p| p.values.flatten.all?(&:zero?) }
end

When(/^I make an image with (.*)$/) do |arguments|
  @before = File.binread(@machine.disk)
  @output = Dir.chdir(BootMachine::TOP) do
    `build/tools/mkimage -o #{@machine.disk} --sector build/boot/sector.bin \
      --loader build/boot/loader.bin #{arguments} 2>&1`
  end
  @exit_status = $CHILD_STATUS.exitstatus
end

Then(/^it fails with "(.*)"$/) do |message|
  raise "status #{@exit_status}: #{@output}" if @exit_status.zero? || !@output.include?(message)
end

Then(/^the old image is still there$/) do
  raise 'it changed' unless File.binread(@machine.disk) == @before

  left = Dir.children(@machine.directory) - ['disk.img']
  raise "left over: #{left}" unless left.empty?
end
