/*!
What importing a large pickle costs: `cargo run --release -p bench-import --example memory -- 2GiB [FOLDER]`.

Writes feature files in MMSA's layout of about that size, one as Python 3 writes protocol 4 and one as it writes protocol 2 (where bytes are text in Latin-1,
half as long again), imports each in a process of its own, and prints that process's peaks of memory and its time. The files are removed again. Anonymous
memory is what an import needs; pages of files that are mapped are resident too, and the system takes them back when it likes.
*/

use std::{
    env,
    error::Error,
    fs::{self, File},
    io::{self, BufWriter, Write},
    ops::ControlFlow,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use bench_import::{
    Options, assemble,
    formats::{ALL, Request},
};

/// Shape of one sample's sound: 500 steps of 74 features, as in MOSEI.
const SHAPE: [usize; 2] = [500, 74];
/// Bytes of one sample.
const SAMPLE: usize = SHAPE[0] * SHAPE[1] * 4;
/// Splits with their shares of the samples in percent.
const SPLITS: [(&str, usize); 3] = [("train", 70), ("valid", 10), ("test", 20)];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["import", file, out] => import(Path::new(file), Path::new(out)),
        [size] => measure(bytes(size)?, &env::temp_dir()),
        [size, folder] => measure(bytes(size)?, Path::new(folder)),
        _ => Err("give a size, for instance 2GiB, and if wanted a folder with room for three times as much".into()),
    }
}

fn bytes(text: &str) -> Result<usize, Box<dyn Error>> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit = match unit {
        "GiB" => 1 << 30,
        "MiB" => 1 << 20,
        _ => return Err(format!("`{text}` is no size: write MiB or GiB").into()),
    };
    Ok(number.parse::<usize>()?.checked_mul(unit).ok_or("too large")?)
}

fn measure(size: usize, folder: &Path) -> Result<(), Box<dyn Error>> {
    for protocol in [4_u8, 2] {
        let file = folder.join(format!("bench-memory-{}-{protocol}.pkl", std::process::id()));
        let out: PathBuf = file.with_extension("dataset");
        let done = write(&file, size, protocol).map_err(Box::<dyn Error>::from).and_then(|()| {
            let length = file.metadata()?.len();
            let output = Command::new(env::current_exe()?).arg("import").arg(&file).arg(&out).output()?;
            if !output.status.success() {
                return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
            }
            println!("protocol {protocol}: {:.2} GiB, {}", length as f64 / (1_u64 << 30) as f64, String::from_utf8_lossy(&output.stdout).trim());
            Ok(())
        });
        let _ = fs::remove_file(&file);
        let _ = fs::remove_dir_all(&out);
        done?;
    }
    Ok(())
}

/// Imports in this process and prints what it took.
fn import(file: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let format = ALL.iter().find(|format| format.name == "mmsa").ok_or("there is no format mmsa")?;
    // What the system cannot take back, looked at all the time; the kernel keeps no peak of it.
    let (needed, ended) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let watch = {
        let (needed, ended) = (Arc::clone(&needed), Arc::clone(&ended));
        thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                needed.fetch_max(kib("RssAnon"), Ordering::Relaxed);
                thread::sleep(Duration::from_millis(2));
            }
        })
    };
    let started = Instant::now();
    let request = Request { paths: vec![file.to_owned()], ..Request::default() };
    let draft = (format.read)(&request)?;
    let read = started.elapsed();
    let mut writing = 0;
    let summary = assemble(draft, &Options::default(), Some(out), &mut |at| {
        // The last call is behind the verification.
        if at.done < at.total {
            writing = kib("VmHWM");
        }
        ControlFlow::Continue(())
    })?;
    let whole = started.elapsed();
    ended.store(true, Ordering::Relaxed);
    watch.join().map_err(|_| "the watch failed")?;
    println!(
        "{} samples in {} shards, {:.1} s ({:.1} s of it to read what is nested); peak of anonymous memory {} MiB; peak of resident memory {} MiB while the \
         folder is written, {} MiB with the verification, which maps its files",
        summary.samples.iter().sum::<usize>(),
        summary.shards,
        whole.as_secs_f64(),
        read.as_secs_f64(),
        needed.load(Ordering::Relaxed) / 1024,
        writing / 1024,
        kib("VmHWM") / 1024
    );
    Ok(())
}

/// A line of /proc/self/status.
fn kib(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// A pickle of `size` bytes of numbers.
fn write(file: &Path, size: usize, protocol: u8) -> io::Result<()> {
    let out = &mut BufWriter::with_capacity(1 << 20, File::create(file)?);
    out.write_all(&[0x80, protocol, b'}', b'('])?;
    for (split, share) in SPLITS {
        let samples = (size / 100 * share / SAMPLE).max(2);
        text(out, split)?;
        out.write_all(b"}(")?;
        text(out, "audio")?;
        array(out, protocol, &[samples, SHAPE[0], SHAPE[1]], samples * SAMPLE / 4, split)?;
        text(out, "regression_labels")?;
        array(out, protocol, &[samples], samples, split)?;
        text(out, "id")?;
        out.write_all(b"](")?;
        for sample in 0..samples {
            text(out, &format!("{split}{sample}$_$0"))?;
        }
        out.write_all(b"e")?;
        text(out, "audio_lengths")?;
        out.write_all(b"](")?;
        for sample in 0..samples {
            whole(out, SHAPE[0] - sample % 100)?;
        }
        out.write_all(b"eu")?;
    }
    out.write_all(b"u.")?;
    out.flush()
}

/// An array of float32 as NumPy 1 pickles it.
fn array(out: &mut impl Write, protocol: u8, shape: &[usize], count: usize, seed: &str) -> io::Result<()> {
    out.write_all(b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85")?;
    byte_string(out, protocol, 1, || std::iter::once(b'b'))?;
    out.write_all(b"\x87R(K\x01(")?;
    shape.iter().try_for_each(|&size| whole(out, size))?;
    out.write_all(b"tcnumpy\ndtype\n")?;
    text(out, "f4")?;
    out.write_all(b"K\x00K\x01\x87R(K\x03")?;
    text(out, "<")?;
    out.write_all(b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89")?;
    let state = seed.bytes().fold(1_u32, |state, byte| state.wrapping_mul(31).wrapping_add(u32::from(byte)));
    byte_string(out, protocol, 4 * count, || numbers(state).take(count).flat_map(f32::to_le_bytes))?;
    out.write_all(b"tb")
}

/// Numbers in [−1, 1) of a linear congruential generator (Numerical Recipes).
fn numbers(mut state: u32) -> impl Iterator<Item = f32> {
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    })
}

/// Bytes as protocol 4 writes them, or as Python 3 writes them in protocol 2: text of which every character is a byte, decoded by `_codecs.encode`.
fn byte_string<I: Iterator<Item = u8>>(out: &mut impl Write, protocol: u8, count: usize, bytes: impl Fn() -> I) -> io::Result<()> {
    if protocol >= 3 {
        out.write_all(&[0x8e])?;
        out.write_all(&(count as u64).to_le_bytes())?;
        return bytes().try_for_each(|byte| out.write_all(&[byte]));
    }
    out.write_all(b"c_codecs\nencode\nX")?;
    let length: usize = bytes().map(|byte| 1 + usize::from(byte >= 0x80)).sum();
    let length = u32::try_from(length).map_err(|_| io::Error::other("protocol 2 has no room for an array of more than 4 GiB"))?;
    out.write_all(&length.to_le_bytes())?;
    for byte in bytes() {
        out.write_all(char::from(byte).encode_utf8(&mut [0; 2]).as_bytes())?;
    }
    text(out, "latin1")?;
    out.write_all(b"\x86R")
}

fn text(out: &mut impl Write, text: &str) -> io::Result<()> {
    out.write_all(b"X")?;
    out.write_all(&(text.len() as u32).to_le_bytes())?;
    out.write_all(text.as_bytes())
}

fn whole(out: &mut impl Write, number: usize) -> io::Result<()> {
    out.write_all(b"J")?;
    out.write_all(&(number as u32).to_le_bytes())
}
