Feature: The root archive
  What bin/run builds is a cpio archive that others can read; a damaged one never harms the kernel.

  Scenario: GNU cpio reads it
    Given a file "root/bin/large" of 300 KiB of random bytes
    And a file "root/etc/small" with "small\n"
    When I run:
      """
      ln root/bin/large root/bin/another; ln -s large root/bin/link; mkfifo root/etc/fifo
      mkarchive --bare --root root -o archive
      mkdir out && cd out && cpio -idm --quiet < ../archive && rm .cor-index
      diff -r bin/large ../root/bin/large && diff -r etc/small ../root/etc/small
      test bin/large -ef bin/another && readlink bin/link && test -p etc/fifo && echo same
      """
    Then stdout is "large\nsame\n"
    And stderr is empty

  Scenario: Large files begin on a page, whatever their names
    When I run:
      """
      mkdir root
      for i in $(seq 1 150); do busybox head -c $((4000 + i * 7)) /dev/zero | busybox tr '\0' "\\$((i % 8 + 60))" > root/$(printf "%0${i}d" 0); done
      mkarchive --bare --root root -o archive
      mkdir out && cd out && cpio -idm --quiet < ../archive && rm .cor-index && diff -r . ../root && echo same
      """
    Then stdout is "same\n"

  Scenario: Two layers, a tar of one of them, give the same
    Given a file "root/a/file" of 20 KiB of random bytes
    And a file "root/b" with "b\n"
    When I run:
      """
      long=root/$(printf 'x%.0s' $(seq 1 90))/$(printf 'y%.0s' $(seq 1 90)); mkdir -p $long; echo deep > $long/file
      ln root/b root/c; ln -s $(printf 'z%.0s' $(seq 1 150)) root/link
      tar --format=gnu -cf gnu.tar -C root . && tar --format=pax -cJf pax.tar.xz -C root . && tar --format=ustar --exclude=link -cf - -C root . > ustar.tar
      for layer in root gnu.tar pax.tar.xz; do mkarchive --bare --root $layer -o $layer.cpio; done
      cmp root.cpio gnu.tar.cpio && cmp root.cpio pax.tar.xz.cpio && mkarchive --root ustar.tar -o u.cpio && echo same
      """
    Then stdout is "same\n"
    And stderr is empty

  Scenario Outline: Tar files that cannot be used are refused
    Given a file "root/file" of 20 KiB of random bytes
    When I run `tar -cf t.tar -C root . && <damage>; mkarchive --root t.tar -o archive`
    Then the exit status is 125
    And stderr contains "<words>"

    Examples:
      | damage                                                             | words                        |
      | truncate -s 5000 t.tar                                             | ends in the middle           |
      | printf x \| dd of=t.tar bs=1 seek=520 conv=notrunc status=none     | damaged                      |
      | echo short > t.tar                                                 | neither a directory nor a tar |
      | rm t.tar                                                           | No such file                 |

  Scenario Outline: A damaged archive in memory
    Given a disk image of "./hello" whose archive has <damage>
    When it boots on a machine with "-drive file=DISK,format=raw,if=virtio -m 64"
    Then the machine goes off
    And the kernel has not panicked
    And the serial port says "<words>"

    Examples:
      | damage                    | words   |
      | byte 0 turned over        | archive |
      | byte 60 turned over       | archive |
      | byte 100 turned over      | archive |
      | byte 130 turned over      | archive |
      | byte 150 turned over      | archive |
      | byte 200 turned over      | archive |
      | byte 1000 turned over     | archive |
      | only 4096 bytes           | archive |
      | only 8192 bytes           | archive |
      | zeros from byte 0 on      | archive |
      | zeros from byte 300 on    | archive |
