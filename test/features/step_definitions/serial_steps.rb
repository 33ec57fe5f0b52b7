# frozen_string_literal: true

When(/^the disk "([^"]*)" boots with a cable at its serial port$/) do |name|
  @machine = BootMachine.new
  FileUtils.cp(file(name), @machine.disk)
  @machine.start("-m 64 -drive file=DISK,format=raw,if=virtio -chardev file,id=port,path=#{@machine.file('serial')} " \
                 '-serial chardev:port')
end

When(/^a break comes$/) { @machine.monitor('chardev-send-break port') }

When(/^the disk "([^"]*)" boots with a modem at its serial port, which has no carrier$/) do |name|
  @machine = BootMachine.new
  FileUtils.cp(file(name), @machine.disk)
  @machine.start_with_modem('-m 64 -drive file=DISK,format=raw,if=virtio')
end

When(/^the modem has (a|no) carrier$/) { |word| @machine.carrier = word == 'a' }
When(/^the modem takes (no )?bytes$/) { |none| @machine.modem_lines = none ? '0x100' : '0x120' }

Then(/^the serial port says no more$/) do
  said = nil
  @machine.wait(30) do
    before = said
    said = @machine.serial
    sleep 1.5
    before == said
  end or raise 'it goes on'
end
