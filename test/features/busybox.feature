Feature: The programs of busybox
  Debian's busybox-static, unchanged: what it prints in Cor is what it prints here.

  Background:
    Given a file "data/numbers" with "10\n9\n8\n33\n-4\n5\n5\n0\n"
    And a file "data/words":
      """
      the quick brown fox
      jumps over the lazy dog
      THE END
      a,b,c
      """
    And a file "data/deep/er/file" with "deep\n"
    And a file "data/random" of 300 KiB of random bytes

  Scenario Outline: Applets that need no second process
    Then `busybox <applet>` prints the same in Cor as here

    Examples:
      | applet                                                   |
      | sha256sum /data/random /data/words                       |
      | md5sum /data/random                                      |
      | sort -n /data/numbers                                    |
      | sort -ru /data/numbers                                   |
      | uniq -c /data/numbers                                    |
      | wc /data/words /data/random                              |
      | awk '{ n += $1; print NR, n / 3 } END { print sqrt(n) }' /data/numbers |
      | awk -F, 'NF > 1 { print toupper($3), length($0) }' /data/words |
      | sed -e 's/\(quick\) \(brown\)/\2 \1/' -e '/END/d' /data/words |
      | grep -rn -i the /data/words                              |
      | grep -c o /data/words                                    |
      | grep nothing /data/words                                 |
      | tr a-z A-Z < data/words                                  |
      | cut -d' ' -f2- /data/words                               |
      | head -c 100 /data/random                                 |
      | tail -n 2 /data/words                                    |
      | od -A d -t x1z /data/words                               |
      | hexdump -C /data/numbers                                 |
      | cmp /data/words /data/numbers                            |
      | diff /data/words /data/numbers                           |
      | find /data -type f -size +1                              |
      | ls -1R /data                                             |
      | stat -c '%n %s %a %F' /data/words /data/random           |
      | tar -cf - -C /data words numbers                         |
      | gzip -c /data/words                                      |
      | bzip2 -c /data/random                                    |
      | base64 /data/numbers                                     |
      | printf '%05d %s %x\\n' 42 text 255                       |
      | seq 3 7 100                                              |
      | expr 6 '*' 7                                             |
      | dc -e '2 100 ^ p'                                        |
      | factor 1234567890                                        |
      | cal 2 2024                                               |
      | date -u -d @1000000000                                   |
      | test -d /data                                            |
      | basename /a/b/c.txt .txt                                 |
      | cat /data/deep/er/file /data/missing                     |
      | sh -c 'i=0; while [ $i -lt 50 ]; do i=$((i + 1)); done; echo $i; cd /data && echo *' |
      | true                                                     |
      | false                                                    |

  Scenario: A calculation with bc
    Given a file "data/sum" with "scale=50; 4*a(1)\n2^200\n"
    Then `busybox bc -l /data/sum` prints the same in Cor as here

  Scenario: Packing and unpacking
    When I run:
      """
      tar -cf data.tar data
      bin/run --root data.tar busybox gzip -c /data/random > random.gz
      gzip -dc random.gz | cmp - data/random && echo same
      """
    Then stdout is "same\n"
