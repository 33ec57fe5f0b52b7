// Rust's standard library: threads that share, wait and talk; panics; processes, files, sockets.
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{channel, sync_channel, RecvTimeoutError, TryRecvError};
use std::sync::{Arc, Barrier, Condvar, Mutex, Once, RwLock};
use std::time::{Duration, Instant};
use std::{env, fs, panic, thread};

fn channels() {
    let (to, from) = channel();
    let senders: Vec<_> = (0..8u64)
        .map(|n| {
            let to = to.clone();
            thread::Builder::new()
                .name(format!("sender {}", n))
                .stack_size(64 << 10)
                .spawn(move || (0..500).for_each(|i| to.send(n * i).unwrap()))
                .unwrap()
        })
        .collect();
    drop(to);
    println!("sum {}", from.iter().sum::<u64>());
    senders.into_iter().for_each(|sender| sender.join().unwrap());

    // A channel of no room hands over; one that is full holds its sender back.
    let (to, from) = sync_channel(0);
    let echo = thread::spawn(move || from.iter().map(|x: u32| x * x).collect::<Vec<_>>());
    (1..6).for_each(|i| to.send(i).unwrap());
    drop(to);
    println!("squares {:?}", echo.join().unwrap());
    let (to, from) = sync_channel::<u8>(1);
    to.send(1).unwrap();
    println!("full {}", to.try_send(2).is_err());
    println!("first {:?}, then {}", from.recv(), from.try_recv() == Err(TryRecvError::Empty));
    let late = from.recv_timeout(Duration::from_millis(20));
    println!("late {}", late == Err(RecvTimeoutError::Timeout));
    drop(to);
    println!("closed {:?}", from.recv());
}

fn sharing() {
    static ONCE: Once = Once::new();
    static STARTS: AtomicUsize = AtomicUsize::new(0);
    let words = RwLock::new(HashMap::new());
    let total = Mutex::new(0);
    let barrier = Barrier::new(6);
    let leaders = AtomicUsize::new(0);
    thread::scope(|scope| {
        for n in 0..6 {
            let (words, total, barrier, leaders) = (&words, &total, &barrier, &leaders);
            scope.spawn(move || {
                ONCE.call_once(|| {
                    STARTS.fetch_add(1, Ordering::SeqCst);
                });
                words.write().unwrap().insert(n, n * n);
                if barrier.wait().is_leader() {
                    leaders.fetch_add(1, Ordering::SeqCst);
                }
                for _ in 0..200 {
                    *total.lock().unwrap() += words.read().unwrap().values().sum::<i32>();
                }
            });
        }
    });
    println!("total {}", total.into_inner().unwrap());
    println!("once {}, leaders {}", STARTS.load(Ordering::SeqCst), leaders.into_inner());

    let pair = Arc::new((Mutex::new(false), Condvar::new()));
    let other = Arc::clone(&pair);
    let waiter = thread::spawn(move || {
        let ready = other.1.wait_while(other.0.lock().unwrap(), |ready| !*ready).unwrap();
        *ready
    });
    *pair.0.lock().unwrap() = true;
    pair.1.notify_all();
    println!("woken {}", waiter.join().unwrap());
    let parked = thread::spawn(|| thread::park());
    parked.thread().unpark();
    parked.join().unwrap();
    let start = Instant::now();
    thread::sleep(Duration::from_millis(30));
    println!("slept {}", start.elapsed() >= Duration::from_millis(30));
}

// Needs the stack that it asks for.
fn deep(n: u64) -> u64 {
    let room = [n; 16];
    let here = unsafe { std::ptr::read_volatile(&room[(n % 16) as usize]) };
    if here == 0 { 0 } else { 1 + deep(here - 1) }
}

fn panics() {
    let lock = Arc::new(Mutex::new(7));
    let held = Arc::clone(&lock);
    panic::set_hook(Box::new(|_| ()));
    let result = thread::spawn(move || {
        let _guard = held.lock().unwrap();
        panic!("on purpose");
    })
    .join();
    println!("panic {:?}", result.unwrap_err().downcast_ref::<&str>());
    println!("poisoned {}", lock.is_poisoned());
    println!("deep {}", deep(20000));
    let caught = panic::catch_unwind(|| [1, 2, 3][4 + env::args().count()]);
    println!("caught {}", caught.is_err());
}

fn system() {
    fs::create_dir_all("a/b").unwrap();
    fs::write("a/b/file", "line 1\nline 2\n").unwrap();
    let mut names: Vec<_> = fs::read_dir("a").unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    println!("{:?} {}", names, fs::copy("a/b/file", "a/copy").unwrap());
    println!("{:?}", fs::read_to_string("a/none").map_err(|e| e.kind()));
    let lines = BufReader::new(fs::File::open("a/copy").unwrap()).lines().count();
    println!("{} lines, {:?}", lines, fs::remove_dir("a").map_err(|e| e.raw_os_error()));
    fs::remove_dir_all("a").unwrap();

    let mut sort = Command::new("/bin/sort")
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    sort.stdin.take().unwrap().write_all(b"b\na\n").unwrap();
    let output = sort.wait_with_output().unwrap();
    println!("{:?} {}", String::from_utf8_lossy(&output.stdout), output.status);
    println!("{}", Command::new("/bin/sh").args(["-c", "kill -9 $$"]).status().unwrap());
    println!("{:?}", Command::new("/none").status().map_err(|e| e.kind()));

    let listener = UnixListener::bind("socket").unwrap();
    let server = thread::spawn(move || {
        for stream in listener.incoming().take(3) {
            let mut stream = stream.unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            stream.write_all(text.to_uppercase().as_bytes()).unwrap();
        }
    });
    for n in 0..3 {
        let mut stream = UnixStream::connect("socket").unwrap();
        let mut text = String::new();
        write!(stream, "client {}", n).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        stream.read_to_string(&mut text).unwrap();
        println!("{}", text);
    }
    server.join().unwrap();
    println!("{} CPU, {} arguments", thread::available_parallelism().unwrap(), env::args().count());
}

fn main() {
    channels();
    sharing();
    panics();
    system();
    std::process::exit(4);
}
