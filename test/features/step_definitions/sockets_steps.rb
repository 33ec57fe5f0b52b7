# frozen_string_literal: true

def program_of_host(name)
  ENV['PATH'].split(':').map { |folder| "#{folder}/#{name}" }.find { |path| File.executable?(path) } or
    raise "this host has no #{name}"
end

# Copies programs of this host, found in PATH or there, to the folder's /bin, and what they are linked with.
Given(/^in "([^"]*)" the programs "([^"]*)" of this host with their libraries$/) do |root, names|
  FileUtils.mkdir_p(file("#{root}/bin"))
  names.split.each do |name|
    path = name.start_with?('/') ? name : program_of_host(name)
    FileUtils.cp(File.realpath(path), file("#{root}/bin/#{File.basename(name)}"))
    `ldd #{path}`.scan(%r{/\S+}).each do |library|
      FileUtils.mkdir_p(file("#{root}#{File.dirname(library)}"))
      FileUtils.cp(File.realpath(library), file("#{root}#{library}"))
    end
  end
end

Given(/^an executable file "([^"]*)":$/) do |name, text|
  File.binwrite(file(name), "#{text}\n")
  File.chmod(0o755, file(name))
end

# Of the tests those that some feature runs: all of them are larger than the machine.
PYTHON_TESTS = %w[__init__.py support test_asyncio test_socket.py test_socketserver.py test_signal.py
                  signalinterproctester.py test_selectors.py test_poll.py test_threadsignals.py].freeze

Given(/^in "([^"]*)" the library of Python and its tests$/) do |root|
  source = Dir['/usr/lib/python3.*/test/test_socket.py'].map { |path| File.expand_path('../..', path) }.first
  target = file("#{root}#{source}")
  FileUtils.mkdir_p("#{target}/test")
  (Dir.children(source) - %w[test __pycache__]).grep_v(/^config-/).each do |name|
    FileUtils.cp_r("#{source}/#{name}", target)
  end
  (PYTHON_TESTS + Dir.children("#{source}/test").grep(/pem$/)).each do |name|
    FileUtils.cp_r("#{source}/test/#{name}", "#{target}/test")
  end
end
