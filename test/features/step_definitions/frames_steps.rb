# frozen_string_literal: true

# Free in whichever way. Records of frames are made when their memory is first needed and then stay: they
# and what is free are one sum.
FREE_FRAMES = %w[free cpu-cached untouched records].freeze

# What spawn wrote: a line "frames", then /proc/frames: "tables 12". The first was written before the first
# run, which warms things up.
Then(/^each owner of memory has the same number of frames after each run$/) do
  books = @result.stderr.split(/^frames$/).drop(1).map do |text|
    text.scan(/^([a-z-]+) (\d+)$/).to_h { |name, count| [name, count.to_i] }
  end
  books.each do |book|
    total = book.delete('total')
    expect_equal(book.values.sum, total, 'sum of all owners')
    book['free'] = FREE_FRAMES.sum { |name| book.delete(name) }
  end
  books.size >= 3 or raise "only #{books.size} runs"
  books.drop(1).uniq.size == 1 or raise "they differ:\n#{books.drop(1).join("\n")}"
end
