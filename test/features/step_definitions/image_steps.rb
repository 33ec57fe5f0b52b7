# frozen_string_literal: true

When(/^the disk "([^"]*)" boots on a machine with "(.*)"$/) do |name, arguments|
  @machine = BootMachine.new
  FileUtils.cp(file(name), @machine.disk)
  @machine.start("-drive file=DISK,format=raw,if=virtio #{arguments}")
end
