# frozen_string_literal: true

# Lines "account: free=1 image=2 ..." that sync writes (stage2/sys/account.c). The first was written
# before the first run, which warms caches up; the last by init at the end of the machine. Records of
# frames are made when their memory is first needed and then stay: they and free frames are one sum.
Then(/^the books in "([^"]*)" are the same after each run$/) do |name|
  books = File.readlines(file(name)).filter_map { |line| line[/account: (.*)/, 1] }
  books = books[1..-2].map do |line|
    counts = line.split.to_h { |entry| entry.split('=') }
    counts.transform_values!(&:to_i)
    counts.merge('free' => counts['free'] + counts.delete('records'))
  end
  books.size >= 3 or raise "only #{books.size} runs"
  books.uniq.size == 1 or raise "they differ:\n#{books.join("\n")}"
end
