# frozen_string_literal: true

# Free in whichever way. Records of frames are made when their memory is first needed and then stay: they
# and what is free are one sum.
FREE_FRAMES = %w[free cpu-cached untouched records].freeze

# A slab is one frame where more than eight objects fit into it, else up to so many (mm/slab.c).
SLAB_FRAMES_MAX = 8

# One book that spawn wrote: /proc/frames, a line "tables 12" for each owner, and /proc/slabinfo behind it.
#
# A cache that has the same objects may have them in one slab more, by the order in which their neighbours
# went. So its objects are what has to be the same; its slabs count as free, but all but one of them have an
# object; and what of the heap is in no cache is an owner of its own.
def read_book(text)
  book = text.scan(/^([a-z-]+) (\d+)$/).to_h { |name, count| [name, count.to_i] }
  total = book.delete('total')
  expect_equal(book.values.sum, total, 'sum of all owners')
  caches = text.scan(/^(.+?) +(\d+) +\d+ +\d+ +(\d+) +\d+ : tunables .* : slabdata +\d+ +(\d+) /)
               .map { |name, *counts| [name, *counts.map(&:to_i)] }
  caches.size > 10 or raise "only #{caches.size} caches:\n#{text}"
  frames = caches.sum(&:last)
  book['large'] = book.delete('slab') - frames
  book['free'] = frames + FREE_FRAMES.sum { |name| book.delete(name) }
  caches.each do |name, objects, in_a_frame, count|
    most = (objects + 1) * (in_a_frame > SLAB_FRAMES_MAX ? 1 : SLAB_FRAMES_MAX)
    count <= most or raise "#{name}: #{count} frames for #{objects} objects"
    book["objects of #{name}"] = objects
  end
  book
end

# The first book was written before the first run, which warms things up. A cache is there from its first
# object on, and then stays.
Then(/^each owner of memory has the same number of frames after each run$/) do
  books = @result.stderr.split(/^frames$/).drop(1).map { |text| read_book(text) }.drop(1)
  books.size >= 2 or raise "only #{books.size} runs"
  differ = books.last.keys.to_h { |name| [name, books.map { |book| book.fetch(name, 0) }] }
  differ.reject! { |_, counts| counts.uniq.size == 1 }
  differ.empty? or raise "they differ: #{differ}"
end
