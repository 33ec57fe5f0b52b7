# frozen_string_literal: true

# Where the image header (stage2/abi/image.h) says what of the archive.
ARCHIVE_LBA_AT = 44
ARCHIVE_BYTES_AT = 48

Given(/^a disk image of "\.\/(\w+)" whose archive has (.*)$/) do |program, damage|
  BootMachine.build
  @machine = BootMachine.new
  @result = run_command("bin/image --append panic=off -o #{@machine.disk} ./#{program}")
  @result.status.zero? or raise @result.stderr
  archive = @machine.header_number(ARCHIVE_LBA_AT) * 512
  case damage
  when /^byte (\d+) turned over$/
    at = archive + $1.to_i
    @machine.overwrite(at, [File.binread(@machine.disk, 1, at).ord ^ 0xff].pack('C'))
  when /^only (\d+) bytes$/
    resize_archive($1.to_i)
  when /^zeros from byte (\d+) on$/
    @machine.overwrite(archive + $1.to_i, "\0" * (@machine.header_number(ARCHIVE_BYTES_AT) - $1.to_i))
  else
    raise "no such damage: #{damage}"
  end
end

# The header has a CRC-32 of itself with this field zero.
def resize_archive(bytes)
  header = File.binread(@machine.disk, 512, 512)
  header[ARCHIVE_BYTES_AT, 8] = [bytes].pack('Q<')
  header[8, 4] = "\0" * 4
  header[8, 4] = [Zlib.crc32(header)].pack('V')
  @machine.overwrite(512, header)
end

Then(/^the kernel has not panicked$/) do
  @machine.serial.match?(/panic:|PANIC/) and raise @machine.serial[-3000..] || @machine.serial
end
