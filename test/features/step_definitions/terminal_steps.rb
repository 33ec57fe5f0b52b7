# frozen_string_literal: true

require 'digest'
require 'io/console'
require 'pty'
require 'timeout'

# A person at a terminal: what is typed, what is to be seen.
class Screen
  def initialize(rows, columns)
    @master, @terminal = PTY.open
    @text = +''
    resize(rows, columns)
    @before = settings
  end

  # The settings are those of the terminal itself: the same whoever asks.
  def settings
    `stty -a < #{@terminal.path}`.lines.drop(1).join
  end

  def resize(rows, columns)
    @master.winsize = [rows, columns]
  end

  def start(command)
    @pid = Process.spawn({ 'TERM' => 'xterm' }, "exec setsid -c #{command}",
                         chdir: RunCommand::TOP, in: @terminal, out: @terminal, err: @terminal)
  end

  def type(text)
    @master.write(text)
    sleep 0.5
  end

  def signal(name)
    Process.kill(name, @pid)
  end

  def expect(text)
    Timeout.timeout(30) { @text << @master.readpartial(4096) until @text.include?(text) }
    @text = @text[(@text.index(text) + text.length)..]
  rescue Timeout::Error
    raise "no #{text.inspect} in #{@text.inspect}"
  end

  # Reads on meanwhile, as a terminal does: who writes to one that stands still waits.
  def status
    reader = Thread.new { loop { @text << @master.readpartial(4096) } }
    Timeout.timeout(30) { Process.wait(@pid) }
    reader.kill
    @pid = nil
    $?.exitstatus
  end

  # For what is still running when a scenario has failed.
  def close
    return unless @pid

    Process.kill('KILL', @pid)
    Process.wait(@pid)
  end

  def as_before?
    settings == @before
  end
end

# What stands for a key in a feature: \e, \r, \n, \x01.
def keys_written(text)
  text.gsub(/\\(e|r|n|x\h\h)/) { $1 == 'e' ? "\e" : $1 == 'r' ? "\r" : $1 == 'n' ? "\n" : $1[1..].hex.chr }
end

After { @screen&.close }

Given(/^a terminal of (\d+) rows and (\d+) columns$/) do |rows, columns|
  @screen = Screen.new(rows.to_i, columns.to_i)
end

When(/^the terminal becomes (\d+) rows and (\d+) columns$/) do |rows, columns|
  @screen.resize(rows.to_i, columns.to_i)
  sleep 0.5
end

When(/^I start `(.*)` in it$/) { |command| @screen.start(command.gsub('FOLDER', folder)) }
When(/^I start the disk "([^"]*)" with its serial port in it$/) do |name|
  @screen.start('qemu-system-x86_64 -nodefaults -display none -no-reboot -m 128 -cpu max ' \
                '-chardev stdio,id=port,signal=off -serial chardev:port ' \
                "-drive file=#{file(name)},format=raw,if=virtio")
end

When(/^I type "(.*)"$/) { |text| @screen.type("#{text}\r") }
When(/^I press Ctrl-([A-Z\\])$/) { |key| @screen.type((key.ord - 64).chr) }
When(/^I press the keys "(.*)"$/) { |keys| @screen.type(keys_written(keys)) }
When(/^I paste (\d+) random lines$/) do |count|
  random = Random.new(7)
  @pasted = Array.new(count.to_i) { "#{random.rand(36**40).to_s(36) * random.rand(5)}\n" }.join
  @screen.type(@pasted.tr("\n", "\r"))
end

Then(/^it shows their checksum$/) { @screen.expect(Digest::MD5.hexdigest(@pasted)) }

When(/^bin\/run gets SIG([A-Z]+)$/) { |signal| @screen.signal(signal) }

Then(/^it shows (".*")$/) do |texts|
  texts.scan(/"([^"]*)"/).flatten.each { |text| @screen.expect(keys_written(text)) }
end

Then(/^it ends with status (\d+)$/) { |status| expect_equal(@screen.status, status.to_i, 'the exit status') }
Then(/^the terminal is as it was$/) { raise 'it is not' unless @screen.as_before? }
