/*!
NumPy's `.npz`: a ZIP archive of `.npy` members.

The crate `zip` finds the members; its vectors are bounded by the archive's size. Here is what it leaves to its user: members that overlap or have one name are refused,
a deflated member must not say that it holds more than DEFLATE can make of its bytes, and what is large is decompressed into a file without a name.
*/

use std::{collections::HashSet, fmt::Display, io, sync::Arc};

use zip::{
    CompressionMethod, ZipArchive,
    read::{ArchiveOffset, Config},
    result::ZipError,
};

use crate::{
    Id, Node, ReadError, Source, Tree, npy,
    stream::Stream,
    unpack::{RATIO, Unpacker},
};

type Archive = ZipArchive<Stream>;

/// Longest member that is no array, such as a note, that is kept.
const LONGEST_NOTE: u64 = 1 << 20;
const DAMAGED: &str = "the archive is damaged: get it again";

/// Reads an archive. The root is a table from names (without `.npy`) to arrays, which stay in the file where the archive does not compress. Short members that
/// are no arrays are bytes.
///
/// # Errors
/// Where the archive is damaged, encrypted or compressed in another way than by DEFLATE, has two members of one name, or where a member is refused by [`npy::read`].
pub fn read(source: Arc<Source>) -> Result<Tree, ReadError> {
    let config = Config { archive_offset: ArchiveOffset::Known(0) };
    let mut archive = Archive::with_config(config, Stream::new(Arc::clone(&source))).map_err(|error| failed(&source, "archive", error))?;
    check(&source, &mut archive)?;
    let (mut nodes, mut entries, mut keys, mut unpacker) = (Vec::new(), Vec::new(), HashSet::new(), Unpacker::new());
    for at in 0..archive.len() {
        let Some((name, content)) = open(&source, &mut archive, at, &mut unpacker)? else { continue };
        let key = name.strip_suffix(".npy").unwrap_or(&name);
        if !keys.insert(key.to_owned()) {
            return Err(twice(&source, &name));
        }
        let many = || invalid(&source, &name, "too many values", "fewer than 2^32", DAMAGED);
        let place = value(content, &name)?.graft(&mut nodes).ok_or_else(many)?;
        entries.push((Id(u32::try_from(nodes.len()).map_err(|_| many())?), place));
        nodes.push(Node::Text(key.into()));
    }
    let root = Id(u32::try_from(nodes.len()).map_err(|_| invalid(&source, "archive", "too many values", "fewer than 2^32", DAMAGED))?);
    nodes.push(Node::Table(entries));
    Tree::new(nodes, root, source)
}

/// What concerns the archive as a whole.
fn check(source: &Source, archive: &mut Archive) -> Result<(), ReadError> {
    if archive.has_duplicate_names() {
        return Err(twice(source, "archive"));
    }
    if let Some(name) = archive.file_names_raw().find(|name| name.ends_with(b"data.pkl")) {
        let name = String::from_utf8_lossy(name).into_owned();
        return Err(invalid(
            source,
            &name,
            "tensors of PyTorch (torch.save)",
            ".npy members",
            "load the file in PyTorch and save it with safetensors.torch.save_file",
        ));
    }
    if archive.has_overlapping_entries().map_err(|error| failed(source, "archive", error))? {
        return Err(invalid(source, "archive", "members that overlap", "members behind each other", DAMAGED));
    }
    Ok(())
}

/// Name and bytes of a member, of which the checksum is right; `None` for a folder.
fn open(source: &Arc<Source>, archive: &mut Archive, at: usize, unpacker: &mut Unpacker) -> Result<Option<(String, Source)>, ReadError> {
    let failed = |error| failed(source, &format!("member {at}"), error);
    let member = archive.by_index_raw(at).map_err(failed)?;
    let name = member.name().map_err(failed)?.into_owned();
    let (start, size, packed, method) = (member.data_start(), member.size(), member.compressed_size(), member.compression());
    if member.is_dir() {
        return Ok(None);
    }
    if member.encrypted() {
        return Err(invalid(source, &name, "an encrypted member", "members that can be read by everyone", "save the arrays with numpy.savez"));
    }
    drop(member);
    let most = match method {
        CompressionMethod::Stored => packed,
        CompressionMethod::Deflated => packed.saturating_mul(RATIO),
        method => {
            return Err(invalid(
                source,
                &name,
                format!("a member compressed by {method}"),
                "members stored or deflated",
                "save the arrays with numpy.savez",
            ));
        }
    };
    if size > most || method == CompressionMethod::Stored && size < most {
        return Err(invalid(source, &name, format!("{packed} bytes that are said to hold {size}"), format!("at most {most}"), DAMAGED));
    }
    let path = source.file().join(&name);
    let mut reader = archive.by_index(at).map_err(failed)?;
    let unread = |error| unread(source, &name, error);
    let content = if let (CompressionMethod::Stored, Some(start)) = (method, start) {
        io::copy(&mut reader, &mut io::sink()).map_err(unread)?;
        Source::part(source, path, start, size)?
    } else {
        unpacker.unpack(reader, size.saturating_add(1), path, unread)?
    };
    if content.len() != size {
        return Err(invalid(source, &name, format!("{} bytes", content.len()), format!("{size}, as the archive says"), DAMAGED));
    }
    Ok(Some((name, content)))
}

/// What a member holds: an array, or a short note.
fn value(content: Source, name: &str) -> Result<Tree, ReadError> {
    let head = content.bytes(0, content.len().min(npy::MAGIC.len() as u64))?;
    if head == npy::MAGIC {
        return npy::read(Arc::new(content));
    }
    if name.ends_with(".npy") || content.len() > LONGEST_NOTE {
        return Err(content.invalid(0, "other bytes", "\\x93NUMPY", "save the arrays with numpy.savez"));
    }
    let bytes = content.bytes(0, content.len())?;
    Tree::new(vec![Node::Bytes(bytes.into())], Id(0), Arc::new(content))
}

fn failed(source: &Source, place: &str, error: ZipError) -> ReadError {
    match error {
        ZipError::Io(error) => unread(source, place, error),
        error => invalid(source, place, error, "an archive as numpy.savez writes it", DAMAGED),
    }
}

/// What went wrong in [`Stream`] is said as it is; all else is what a decoder found.
fn unread(source: &Source, place: &str, error: io::Error) -> ReadError {
    error.downcast::<ReadError>().unwrap_or_else(|error| invalid(source, place, error, "a member that can be read to its end", DAMAGED))
}

fn twice(source: &Source, place: &str) -> ReadError {
    invalid(source, place, "two members of one name", "names that differ", "save the arrays under names that differ")
}

fn invalid(source: &Source, place: &str, found: impl Display, expected: impl Display, remedy: &str) -> ReadError {
    ReadError::invalid(source.file(), place, found, expected, remedy)
}
