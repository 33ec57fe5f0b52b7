Feature: Disks
  A file of the host is a disk of the machine; what the machine has synced is in the file.

  Scenario: A disk is read and written as it is
    Given a file "disk" of 6 MiB of random bytes
    And a file "more" of 3 MiB of random bytes
    When I run:
      """
      cp disk was && mkdir root && cp more root
      cat > script <<'END'
      for bs in 512 4k 1M; do dd if=/dev/vdb bs=$bs 2>/dev/null | sha256sum; done
      dd if=/more of=/dev/vdb bs=4k seek=3 2>/dev/null && dd if=/more of=/dev/vdb bs=1M seek=3 2>/dev/null
      dd if=/more of=/dev/vdb bs=7 skip=1000 seek=1000 count=1000 2>/dev/null
      END
      bin/run --disk disk --root root busybox sh -c "$(cat script)" | cut -c 1-64 > sums
      sha256sum < was | cut -c 1-64 > wanted && cat wanted wanted wanted | cmp - sums && echo read
      dd if=more of=was bs=4k seek=3 conv=notrunc 2>/dev/null; dd if=more of=was bs=1M seek=3 conv=notrunc 2>/dev/null
      dd if=more of=was bs=7 skip=1000 seek=1000 count=1000 conv=notrunc 2>/dev/null
      cmp was disk && echo written
      """
    Then stdout is "read\nwritten\n"

  Scenario: A full disk is full, a read-only one is only read
    When I run:
      """
      truncate -s 5M disk && head -c 1M /dev/zero | tr '\0' x > other
      bin/run --disk disk --disk other,ro busybox sh -c \
        'yes full | dd of=/dev/vdb bs=64k iflag=fullblock; dd if=/dev/zero of=/dev/vdc count=1; cp /dev/vdb /dev/vdc; grep -c . /proc/partitions'
      yes full | head -c 5M | cmp - disk && head -c 1M /dev/zero | tr '\0' x | cmp - other && echo as it should be
      """
    Then stderr contains "dd: error writing '/dev/vdb': No space left on device"
    And stderr contains "80+0 records out"
    And stderr contains "/dev/vdc': Operation not permitted"
    And stdout is "5\nas it should be\n"

  Scenario: A disk of three gigabytes
    When I run:
      """
      truncate -s 3G disk
      bin/run --disk disk busybox sh -c 'cd /dev; echo end > /tmp/end; dd if=/tmp/end of=vdb bs=1 seek=3221225468 2>/dev/null
        dd if=/tmp/end of=vdb bs=1M seek=2900 2>/dev/null; tail -c 4 vdb; blockdev --getsize64 vdb; blockdev --getsz vdb'
      tail -c 4 disk; dd if=disk bs=1M skip=2900 count=1 2>/dev/null | head -c 4; [ $(du -k disk | cut -f 1) -lt 1000 ] && echo sparse
      """
    Then stdout is "end\n3221225472\n6291456\nend\nend\nsparse\n"

  Scenario: A file system is made in the machine, and the machine killed
    When I run:
      """
      truncate -s 48M disk
      mkdir -p root/bin && cp -L ./durable root/bin && cp "$(command -v busybox)" root/bin
      mkfifo out
      bin/run --disk disk --root root busybox sh -c 'mke2fs /dev/vdb 8192 > /dev/null && exec /bin/durable write /dev/vdb 8 48 42' > out &
      machine=$!
      while read -r word count; do last=$count; [ "$count" = 320 ] && break; done < out
      kill -9 $machine
      wait $machine 2> /dev/null
      e2fsck -fn disk > log 2>&1 && grep -c 'clean\|files' log
      ./durable check disk 8 48 42 $last
      """
    Then stdout is "1\n0 bytes lost\n"
    And the exit status is 0

  Scenario: Memory is short while a disk is written
    When I run:
      """
      truncate -s 192M disk && truncate -s 128M mapping
      bin/run --timeout 120 -m 48 --disk disk busybox sh -c \
        'yes 0123456789abcde | dd of=/dev/vdb bs=1M count=192 iflag=fullblock 2>/dev/null; sync; head -c 1000 /dev/vdb | tail -c 16'
      yes 0123456789abcde | head -c 192M | cmp - disk && echo written
      bin/run --timeout 120 -m 32 --disk mapping ./mapped /dev/vdb 128
      ./pages mapping 128
      """
    Then stdout is "89abcde\n01234567written\nsynced\n0 pages differ\n"

  Scenario: Partitions of both kinds are found, used, and found again
    When I run:
      """
      truncate -s 16M mbr gpt
      printf 'start=2048,size=8192\nstart=12288,size=4096,type=5\nstart=14336,size=1024\n' | sfdisk -q mbr
      printf 'label: gpt\nstart=2048,size=8192\nstart=10240\n' | sfdisk -q gpt
      cat > script <<'END'
      cd /dev && ls vdb* vdc* | tr '\n' ' ' && echo && tail -n 6 /proc/partitions
      mke2fs vdb1 > /dev/null && mke2fs vdc2 > /dev/null && sync
      printf 'n\np\n3\n24576\n\nw\n' | fdisk -u vdb > /dev/null 2>&1; ls vdb* | tr '\n' ' ' && echo
      printf 'd\n3\nw\n' | fdisk vdb > /dev/null 2>&1; ls vdb* | tr '\n' ' ' && echo
      sleep 100 < vdc1 & blockdev --rereadpt vdc || kill $!
      END
      bin/run --disk mbr --disk gpt busybox sh -c "$(cat script)"
      e2fsck -fn 'mbr?offset=1048576' > log 2>&1 && e2fsck -fn 'gpt?offset=5242880' >> log 2>&1 && echo both are clean
      sfdisk -l -o Start,Sectors mbr | tail -n 3
      """
    Then stdout contains "vdb vdb1 vdb2 vdb5 vdc vdc1 vdc2 \n"
    And stdout contains " 254       17       4096 vdb1\n 254       18          1 vdb2\n 254       21        512 vdb5\n"
    And stdout contains "\nvdb vdb1 vdb2 vdb3 vdb5 \nvdb vdb1 vdb2 vdb5 \n"
    And stderr contains "resource busy"
    And stdout contains "both are clean\n"

  Scenario: What a disk kept in memory is given back
    Given a file "disk" of 8 MiB of random bytes
    When I run `mkdir -p root/bin && cp "$(command -v busybox)" root/bin && bin/run --timeout 60 -m 64 --log log --disk disk --root root ./spawn 4 /bin/busybox sh -c 'busybox cat /dev/vdb > /dev/null; busybox dd if=/dev/zero of=/dev/vdb bs=64k count=20 seek=10 2> /dev/null; busybox tail -c 5 /dev/vdb > /dev/null; busybox sync'`
    Then the exit status is 0
    And each owner of memory has the same number of frames after each run

  # On the DEBUG kernel; with so little memory pages come and go all the time.
  Scenario: Many share a disk
    When I run:
      """
      truncate -s 12M disk other
      DEBUG=1 bin/run --timeout 200 -m 40 --disk disk --disk other ./sharers 4000
      cmp disk other && echo the same
      """
    Then stdout is "agreed\nthe same\n"

  # Here an end of a request often falls into the handler's last look for one: an interrupt that is lost there
  # stops all who read.
  Scenario: Many short requests at once
    When I run `truncate -s 8M disk && bin/run --timeout 100 --disk disk ./readers 8 20000`
    Then stdout is "all were read\n"

  Scenario: Direct input and output
    Given a file "disk" of 8 MiB of random bytes
    When I run:
      """
      cp disk copy && dd if=/dev/zero of=copy bs=64k seek=3 count=5 conv=notrunc status=none
      bin/run --timeout 60 --disk disk busybox sh -c 'dd if=/dev/zero of=/dev/vdb bs=64k seek=3 count=5 oflag=direct conv=notrunc 2> /dev/null; dd if=/dev/vdb iflag=direct bs=1M 2> /dev/null' > read
      cmp disk copy && cmp read copy && echo the same
      """
    Then stdout is "the same\n"

  Scenario: A disk that is not there
    When I run `bin/run --disk missing ./hello`
    Then the exit status is 125
    And stderr contains "missing: No such file or directory"
