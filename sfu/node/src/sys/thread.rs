//! Clocks and cores of the calling thread.

use std::io;

fn clock(id: libc::clockid_t) -> libc::timespec {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is writable; both clocks used here exist on every Linux, so the call cannot fail.
    unsafe { libc::clock_gettime(id, &mut time) };
    time
}

/// µs on the monotonic clock.
pub fn monotonic_us() -> u64 {
    let time = clock(libc::CLOCK_MONOTONIC);
    (time.tv_sec as u64).saturating_mul(1_000_000).saturating_add(time.tv_nsec as u64 / 1000)
}

/// CPU time of the calling thread, ns.
pub fn cpu_time_ns() -> u64 {
    let time = clock(libc::CLOCK_THREAD_CPUTIME_ID);
    (time.tv_sec as u64).saturating_mul(1_000_000_000).saturating_add(time.tv_nsec as u64)
}

/// Pins the calling thread to the `index`-th core it may run on. An error leaves it where it was.
pub fn pin_to_core(index: usize) -> io::Result<()> {
    // SAFETY: cpu_set_t is plain bits, for which all zeroes is the empty set.
    let mut allowed: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    let size = std::mem::size_of::<libc::cpu_set_t>();
    // SAFETY: `allowed` is `size` writable bytes; 0 names the calling thread.
    if unsafe { libc::sched_getaffinity(0, size, &mut allowed) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the index stays below CPU_SETSIZE, which is what the set holds.
    let cores: Vec<usize> =
        (0..libc::CPU_SETSIZE as usize).filter(|&core| unsafe { libc::CPU_ISSET(core, &allowed) }).collect();
    let Some(&core) = cores.get(index.checked_rem(cores.len()).unwrap_or(0)) else { return Ok(()) };
    // SAFETY: as above, and `core` is in range because it came out of the set.
    let one = unsafe {
        let mut one: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(core, &mut one);
        one
    };
    // SAFETY: `one` is `size` readable bytes; 0 names the calling thread.
    if unsafe { libc::sched_setaffinity(0, size, &one) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
