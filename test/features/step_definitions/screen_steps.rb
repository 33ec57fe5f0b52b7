# frozen_string_literal: true

Then(/^the screen shows "(.*)"$/) do |text|
  @machine.wait_for_screen(keys_written(text).b) or raise "the screen: #{@machine.screen_lines.inspect}"
end

Then(/^the screen shows "(.*)" in colour (\h\h)$/) do |text, colour|
  expect_equal(@machine.screen_colour(text), colour.hex, "the colour of #{text}")
end

When(/^the keyboard types "(.*)"$/) { |text| @machine.type("#{text}\n") }
When(/^the keys "(.*)" are pressed$/) { |keys| keys.split.each { |key| @machine.press(key) } }
