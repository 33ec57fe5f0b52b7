Feature: Dynamically linked programs and scripts
  A program comes with its dynamic linker and its libraries, a script with its interpreter: all of it the
  host's, found without running anything.

  Scenario Outline: Programs of Debian, as they are
    Then `<command>` does the same in Cor as here

    Examples:
      | command                                                         |
      | bash -c 'for i in {1..3}; do echo $((i * i)); done; exit 4'     |
      | bash -c 'x=$(echo a b; exit 3); echo "$? $x" \| (read a b; echo $b)' |
      | printf '%s\\n' c a b                                            |
      | sha256sum /dev/null                                             |
      | seq -s, 1 20                                                    |
      | ls -d / /dev/null                                               |
      | lua5.4 -e 'print(math.pi, ("x"):rep(5)); os.exit(3)'            |
      | perl -e 'print join(",", map { $_ ** 2 } 1 .. 10), "\\n"; die "so\\n"' |
      | sed -n 1p /dev/null /missing                                    |

  Scenario: A listing
    When I run `bin/run ls -l /`
    Then stdout contains "drwxrwxrwt 2 root root"
    And stderr is empty
    And the exit status is 0

  Scenario: Input through a dynamic program
    When I run `seq 1 3000 | sort -r > here; seq 1 3000 | bin/run sort -r | cmp - here && echo same`
    Then stdout is "same\n"

  Scenario: Debian's Python, its modules laid over the root
    When I run:
      """
      mkdir -p root/usr/lib
      cp -a /usr/lib/python3.* root/usr/lib/
      rm -rf root/usr/lib/python3.*/test root/usr/lib/python3.*/config-*
      bin/run --timeout 100 --root root /usr/bin/python3 -c '
      import json, threading
      done = []
      threads = [threading.Thread(target=done.append, args=(i,)) for i in range(4)]
      for t in threads: t.start()
      for t in threads: t.join()
      print(json.dumps({"done": sorted(done), "half": 1 / 2}))'
      """
    Then stdout is:
      """
      {"done": [0, 1, 2, 3], "half": 0.5}
      """
    And stderr is empty

  Scenario: A program linked with musl
    When I run:
      """
      echo 'int puts(const char *); int main(void) { puts("musl"); return 6; }' > p.c
      musl-gcc -o p p.c && bin/run ./p
      """
    Then stdout is "musl\n"
    And the exit status is 6

  Scenario: A library that a library needs, in LD_LIBRARY_PATH
    When I run:
      """
      mkdir one two
      echo 'int answer(void) { return 42; }' > a.c
      echo 'int answer(void); int ask(void) { return answer(); }' > b.c
      echo 'int ask(void); int main(void) { return ask(); }' > p.c
      gcc -shared -fPIC -o one/liba.so a.c
      gcc -shared -fPIC -o two/libb.so b.c -Lone -la
      gcc -o p p.c -Ltwo -lb -Wl,-rpath-link,one
      bin/run ./p; echo $?
      LD_LIBRARY_PATH=$PWD/one:$PWD/two bin/run ./p; echo $?
      """
    Then stdout is "127\n42\n"
    And stderr contains "needs the library libb.so, which is not on this host"

  Scenario: A library in the folder that the program names
    When I run:
      """
      mkdir lib
      echo 'int answer(void) { return 42; }' > a.c
      echo 'int answer(void); int main(void) { return answer(); }' > p.c
      gcc -shared -fPIC -o lib/liba.so a.c
      gcc -o p p.c -Llib -la -Wl,-rpath,$PWD/lib
      gcc -o q p.c -Llib -la -Wl,-rpath,'$ORIGIN/lib'
      bin/run ./p; echo $?
      bin/run ./q; echo $?
      bin/run -e LD_LIBRARY_PATH=$PWD/lib ./q; echo $?
      """
    Then stdout is "42\n42\n42\n"

  Scenario: A library opened while the program runs comes from the root
    When I run:
      """
      mkdir -p root/opt
      echo 'int answer(void) { return 42; }' > a.c
      gcc -shared -fPIC -o root/opt/liba.so a.c
      cat > p.c << END
      #include <dlfcn.h>
      #include <stdio.h>
      int main(int argc, char **argv)
      {
        void *library = dlopen(argv[1], RTLD_NOW);
        int (*answer)(void) = library ? dlsym(library, "answer") : 0;
        if (!answer) { puts("not there"); return 1; }
        printf("%d\n", answer());
        return dlclose(library);
      }
      END
      gcc -o p p.c
      bin/run --root root ./p /opt/liba.so
      bin/run --root root ./p /opt/libz.so
      """
    Then stdout is "42\nnot there\n"

  Scenario: A dynamic linker that is not there
    When I run:
      """
      echo 'int main(void) { return 0; }' > p.c
      gcc -o p p.c -Wl,--dynamic-linker,/lib/ld-none.so
      bin/run ./p
      """
    Then the exit status is 127
    And stderr contains "its dynamic linker /lib/ld-none.so is not on this host"

  Scenario Outline: Scripts
    Given an executable file "script" with "#!<line>\n<text>\n"
    When I run `bin/run ./script 'a b' c`
    Then stdout is "<printed>\n"
    And the exit status is <status>

    Examples:
      | line                  | text                           | printed    | status |
      | /bin/sh               | echo $#; exit 9                | 2          | 9      |
      | /bin/bash -e          | x=($1); echo ${#x[@]}; false; : | 2         | 1      |
      | /usr/bin/env bash     | [[ $2 = c ]] && echo $0        | /bin/script | 0     |
      | /usr/bin/env -S lua5.4 -W | print(#arg, arg[1])        | 2\ta b     | 0      |

  Scenario: A script whose interpreter is not there
    Given an executable file "script" with "#!/no/such/thing\n"
    When I run `bin/run ./script`
    Then the exit status is 127
    And stderr contains "/no/such/thing: No such file or directory"

  Scenario: What a layer has stays
    Given a file "root/lib/x86_64-linux-gnu/libc.so.6" with "not a library"
    When I run `bin/run --root root ls`
    Then the exit status is 127
    And stderr contains "libc.so.6: file too short"
