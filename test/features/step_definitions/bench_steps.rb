# frozen_string_literal: true

Then(/^the profile says "(\w+)"$/) do |function|
  @result.stdout =~ /^ +[\d.]+ +[\d.]+% +#{function}$/ or raise "no line of #{function}"
end

# To one in a thousand: the row leaves out what is behind the point, and the clock's own reading.
Then(/^the profile's sum is what Cor's row says$/) do
  row = @result.stdout[/^stat, 1 component +(\d+)/, 1].to_f
  sum = @result.stdout[/^ +([\d.]+) +100\.0% +all$/, 1].to_f
  (row - sum).abs <= 1 + row / 1000 or raise "#{sum} in the profile, #{row} in the row"
end
