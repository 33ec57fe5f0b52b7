# frozen_string_literal: true

require 'digest'

# What a text in a feature stands for: \n and the like are written out there.
def written(text)
  text.gsub('\n', "\n").gsub('\t', "\t").gsub('\"', '"')
end

Given(/^a file "([^"]*)" with "(.*)"$/) do |name, text|
  FileUtils.mkdir_p(File.dirname(file(name)))
  File.binwrite(file(name), written(text))
end

Given(/^a file "([^"]*)":$/) do |name, text|
  FileUtils.mkdir_p(File.dirname(file(name)))
  File.binwrite(file(name), "#{text}\n")
end

Given(/^a file "([^"]*)" of (\d+) (KiB|MiB) of random bytes$/) do |name, count, unit|
  FileUtils.mkdir_p(File.dirname(file(name)))
  bytes = count.to_i << (unit == 'MiB' ? 20 : 10)
  File.open(file(name), 'wb') { |f| f.write(Random.new(20).bytes(bytes)) }
end

Given(/^an executable file "([^"]*)" with "(.*)"$/) do |name, text|
  File.binwrite(file(name), written(text))
  File.chmod(0o755, file(name))
end

Given(/^"([^"]*)" is the first (\d+) bytes of "\.\/(\w+)"$/) do |name, bytes, program|
  File.binwrite(file(name), File.binread(RunCommand.program(program), bytes.to_i))
  File.chmod(0o755, file(name))
end

Given(/^"([^"]*)" is "\.\/(\w+)" for another machine$/) do |name, program|
  elf = File.binread(RunCommand.program(program))
  elf[18, 2] = [183].pack('v') # e_machine: AArch64
  File.binwrite(file(name), elf)
  File.chmod(0o755, file(name))
end

When(/^I run `(.*)`$/) do |command|
  @result = run_command(command)
end

When(/^I run:$/) do |command|
  @result = run_command(command)
end

Then(/^the exit status is (\d+)$/) do |status|
  expect_equal(@result.status, status.to_i, 'exit status')
end

Then(/^(stdout|stderr) is "(.*)"$/) do |stream, text|
  expect_equal(@result[stream], written(text), stream)
end

Then(/^(stdout|stderr) is:$/) do |stream, text|
  expect_equal(@result[stream], "#{text}\n", stream)
end

Then(/^(stdout|stderr) is empty$/) do |stream|
  expect_equal(@result[stream], '', stream)
end

Then(/^(stdout|stderr) contains "(.*)"$/) do |stream, text|
  @result[stream].include?(written(text)) or raise "#{stream} has no #{text.inspect}"
end

Then(/^(stdout|stderr) has no "(.*)"$/) do |stream, text|
  @result[stream].include?(written(text)) and raise "#{stream} has #{text.inspect}"
end

Then(/^(stdout|stderr) has (\d+) lines$/) do |stream, lines|
  expect_equal(@result[stream].lines.count, lines.to_i, "lines of #{stream}")
end

Then(/^the file "([^"]*)" is "(.*)"$/) do |name, text|
  expect_equal(File.binread(file(name)), written(text), name)
end

Then(/^the file "([^"]*)" has (\d+) lines$/) do |name, lines|
  expect_equal(File.foreach(file(name)).count, lines.to_i, "lines of #{name}")
end

Then(/^the files "([^"]*)" and "([^"]*)" are the same$/) do |one, other|
  FileUtils.identical?(file(one), file(other)) or
    raise "#{one} has #{File.size(file(one))} bytes, #{other} #{File.size(file(other))}"
end

Then(/^the file "([^"]*)" contains "(.*)"$/) do |name, text|
  File.binread(file(name)).include?(written(text)) or raise "#{name} has no #{text.inspect}"
end

# With the environment that a program has in the machine, and its working directory.
Then(/^`(.*)` does the same in Cor as here$/) do |command|
  here = run_command("cd / && env -i PATH=/usr/bin:/bin HOME=/root #{command} 2> #{file('errors')}")
  @result = run_command("bin/run --timeout 60 #{command}")
  expect_equal(@result.stdout, here.stdout, 'stdout')
  expect_equal(@result.status, here.status, 'exit status')
  expect_equal(@result.stderr, File.read(file('errors')), 'stderr')
end

def expect_equal(actual, wanted, what)
  return if actual == wanted

  raise "#{what} is #{actual.inspect[0, 600]}, not #{wanted.inspect[0, 600]}"
end
