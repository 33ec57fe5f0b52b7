Feature: Mounts
  A shell puts file systems where it wants them, and takes them away again.

  Scenario: busybox mounts, shows and unmounts
    When I run:
      """
      cat > script <<'END'
      mkdir /n /m
      mount -t tmpfs -o size=64k,mode=700 mine /n && echo text > /n/file
      mount -o bind /n /m && mount -o remount,ro,bind /m
      mount | grep -E '/(n|m) '
      df -k /n | tail -n 1
      cat /m/file
      echo more > /m/file || echo refused
      umount /n && mount -o remount,rw,bind /m && echo more > /m/file && cat /m/file
      umount /m && ls /n /m
      umount /m
      END
      bin/run busybox sh -c "$(cat script)"
      """
    Then stdout is:
      """
      mine on /n type tmpfs (rw,relatime,size=64k,mode=700,inode64)
      mine on /m type tmpfs (ro,relatime,size=64k,mode=700,inode64)
      mine                        64         4        60   6% /n
      text
      refused
      more
      /m:

      /n:
      """
    And stderr contains "can't create /m/file: Read-only file system"
    And stderr contains "can't unmount /m: Invalid argument"

  Scenario: util-linux mounts, shows and unmounts
    When I run:
      """
      mkdir -p root/bin root/run && cp /bin/mount /bin/umount /bin/findmnt /bin/busybox root/bin
      for file in /bin/mount /bin/umount /bin/findmnt; do
        for library in $(ldd $file | grep -o '/[^ ]*'); do
          mkdir -p root$(dirname $library) && cp -L $library root$library
        done
      done
      cat > script <<'END'
      mkdir /n /m
      /bin/mount -t tmpfs -o size=1m,nosuid mine /n
      /bin/mount --bind /n /m
      /bin/mount --make-private /n
      /bin/mount -o remount,ro,size=2m /n
      /bin/findmnt -n -o SOURCE,TARGET,FSTYPE,OPTIONS /n
      /bin/findmnt -n -o SOURCE,TARGET,FSTYPE,OPTIONS /m
      /bin/mount --move /m /n
      /bin/findmnt -n -l -o TARGET -t tmpfs
      /bin/umount /n && /bin/umount -R /n && /bin/umount /n || echo none
      /bin/mount /missing
      END
      bin/run --root root busybox sh -c "$(cat script)"
      """
    Then stdout is:
      """
      mine   /n     tmpfs  ro,nosuid,relatime,size=2048k,inode64
      mine   /m     tmpfs  ro,nosuid,relatime,size=2048k,inode64
      /dev/shm
      /n
      /n
      none
      """
    And stderr contains "mount: /missing: can't find in /etc/fstab."

  Scenario: A shell changes its root, by switch_root's way and by pivot_root
    When I run:
      """
      cat > script <<'END'
      mkdir /new && mount -t tmpfs new /new
      mkdir /new/bin /new/old /new/proc && cp /bin/busybox /new/bin && mount -t proc proc /new/proc
      cat > /new/second <<'SECOND'
      echo second root: *
      mkdir /third && mount -t tmpfs third /third && mkdir /third/bin /third/put && cp bin/busybox /third/bin
      cd /third && mkdir proc && mount -t proc proc proc && pivot_root . put && echo pivoted: *
      umount -l /put && ls -d /put/*
      echo end
      SECOND
      cd /new && mount --move . / && exec chroot . /bin/busybox sh /second
      END
      bin/run busybox sh -c "$(cat script)"
      """
    Then stdout is:
      """
      second root: bin old proc second
      pivoted: bin proc put
      end
      """
    And stderr contains "ls: /put/*: No such file or directory"

  Scenario: A file system that is unmounted gives back every frame
    When I run:
      """
      mkdir -p root/bin && cp "$(command -v busybox)" root/bin
      cat > root/script <<'END'
      mkdir /n; mount -t tmpfs n /n; cd /n
      mkdir -p a/b/c/d/e/f a/x/y; cp -r /bin a/b/c; cp -r /bin a/x; ln -s a/b s; ln a/x/bin/busybox hard; mkfifo p
      busybox find . > list; mount -o bind a/b/c a/x/y; mount -t tmpfs m a/b; cp list a/b
      exec 3< hard; cd a/x; umount -l /n; busybox head -c 4 <&3 | busybox tail -c 3; busybox ls y
      cd /; rmdir /n
      END
      bin/run --timeout 60 -m 64 --log log --root root ./spawn 5 /bin/busybox sh /script
      """
    Then the exit status is 0
    And stdout is "ELFELFELFELFELF"
    And each owner of memory has the same number of frames after each run

  # On the DEBUG kernel.
  Scenario: Mounts and names that come, move and go while others walk through them
    When I run:
      """
      mkdir -p root/bin && cp -L ./movers root/bin
      DEBUG=1 bin/run --timeout 200 -m 64 --log log --root root ./spawn 3 /bin/movers 500
      """
    Then the exit status is 0
    And stdout is "moved\nmoved\nmoved\n"
    And each owner of memory has the same number of frames after each run
