Feature: Files
  What a program finds under its root, writes there, and gives back.

  Scenario: A file larger than memory is read as it is
    Given a file "root/big" of 50000 KiB of random bytes
    When I run:
      """
      sha256sum < root/big | cut -c 1-64 > here
      bin/run --timeout 60 -m 32 --root root busybox sha256sum /big | cut -c 1-64 > there
      """
    Then the exit status is 0
    And the files "here" and "there" are the same

  Scenario: Memory for files has an end, and programs are told
    When I run `bin/run --timeout 60 -m 48 busybox dd if=/dev/zero of=/tmp/x bs=64k`
    Then the exit status is 1
    And stderr contains "No space left on device"

  Scenario: Links, directories and times come from the archive
    Given a file "root/etc/data" with "data\n"
    When I run:
      """
      ln root/etc/data root/etc/again && ln -s ../etc/data root/etc/link && mkdir root/empty
      touch -d @1000000000 root/etc/data root/etc
      bin/run --root root busybox stat -L -c '%n %h %Y %s' /etc/data /etc/again /etc/link /etc && bin/run --root root busybox cat /etc/link
      """
    Then stdout contains "/etc/data 2 1000000000 5\n/etc/again 2 1000000000 5\n/etc/link 2 1000000000 5\n"
    And stdout contains "/etc 2 1000000000 "
    And stdout contains "\ndata\n"

  Scenario: Names and files that come and go leave nothing behind
    When I run:
      """
      mkdir -p root/bin && cp "$(command -v busybox)" root/bin
      bin/run --timeout 60 -m 64 --log log --root root ./spawn 5 /bin/busybox sh -c 'cd /tmp; busybox mkdir w; cd w; busybox cp -r /etc /bin .; busybox mv bin b; busybox ln b/busybox x; busybox ln -s b s; busybox mkfifo p; busybox find . > list; busybox rm -f s/busybox; busybox truncate -s 1000 x; busybox test -e /missing; cd ..; busybox rm -r w'
      """
    Then the exit status is 0
    And each owner of memory has the same number of frames after each run

  Scenario: A directory of 100,000 files
    When I run:
      """
      seq 100000 > expected
      bin/run --timeout 100 busybox sh -c 'busybox mkdir /m; busybox mount -t tmpfs -o nr_inodes=110000 t /m; cd /m
      busybox seq 100000 | busybox xargs busybox touch; busybox ls | busybox sort -n; busybox rm -r [1-8]*; busybox ls | busybox wc -l >&2' > list
      cmp list expected && echo same
      """
    Then stdout is "same\n"
    And stderr is "11111\n"
