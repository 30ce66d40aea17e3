//! Long lists of a file, kept small.

use std::borrow::Cow;
use std::fmt;

use serde::de::DeserializeOwned;
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Result, codes};

/// Values of a block, which is a whole number of the rows that are written at a time. The file of a school is one to
/// three blocks.
const BLOCK: usize = 500;

/// What is kept of a file, as bytes: `MessagePack`, where the names of the fields stand as in JSON.
pub(crate) fn bytes_of<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    rmp_serde::to_vec_named(value).map_err(Error::storage)
}

/// The same back.
///
/// # Errors
/// `import.rows_gone` of what was kept as JSON, which was before there were blocks.
pub(crate) fn value_of<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    if bytes.starts_with(b"{") {
        return Err(Error::new(&codes::IMPORT_ROWS_GONE));
    }
    rmp_serde::from_slice(bytes).map_err(Error::storage)
}

/// Values of a list that is needed again at once, up to which packing it would cost more than the room it takes. Ten
/// times the file of a large school.
const AT_HAND: usize = 12_000;

/// A list of which one block is unpacked at a time, so that 50,000 rows take about the room of the file they came in.
#[derive(Clone)]
pub struct Packed<T> {
    blocks: Vec<Block>,
    /// What came after the last block that is packed.
    open: Vec<T>,
    /// How many may be so.
    may_be_open: usize,
}

/// Some values, as LZ4 of their bytes.
#[derive(Clone, Serialize, Deserialize)]
struct Block {
    #[serde(rename = "n")]
    values: usize,
    #[serde(rename = "z", with = "serde_bytes")]
    bytes: Vec<u8>,
}

impl Block {
    fn of<T: Serialize>(values: &[T]) -> Result<Self> {
        Ok(Self { values: values.len(), bytes: lz4_flex::compress_prepend_size(&bytes_of(&values)?) })
    }

    fn open<T: DeserializeOwned>(&self) -> Result<Vec<T>> {
        value_of(&self.unpacked()?)
    }

    fn unpacked(&self) -> Result<Vec<u8>> {
        lz4_flex::decompress_size_prepended(&self.bytes).map_err(Error::storage)
    }
}

impl<T> Packed<T> {
    /// How many values there are.
    pub fn len(&self) -> usize {
        self.blocks.iter().map(|block| block.values).sum::<usize>() + self.open.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> Packed<T> {
    /// A list that is needed again at once: it is packed when it grows long.
    pub(super) fn at_hand() -> Self {
        Self { may_be_open: AT_HAND, ..Self::default() }
    }
}

impl<T: Clone + Serialize + DeserializeOwned> Packed<T> {
    /// Adds a value at the end.
    pub(super) fn push(&mut self, value: T) -> Result<()> {
        self.open.push(value);
        if self.open.len() >= self.may_be_open {
            for block in std::mem::take(&mut self.open).chunks(BLOCK) {
                self.blocks.push(Block::of(block)?);
            }
            self.may_be_open = BLOCK;
        }
        Ok(())
    }

    /// Block by block.
    pub(super) fn blocks(&self) -> impl Iterator<Item = Result<Cow<'_, [T]>>> {
        self.parts().map(Part::open)
    }

    /// Block by block beside those of a list of as many values; a block that is the same in both is left out.
    pub(super) fn differing<'l>(&'l self, other: &'l Self) -> impl Iterator<Item = Result<Beside<'l, T>>> {
        let parts = self.parts().zip(other.parts());
        parts.filter_map(|(one, other)| match one.is_same(&other) {
            Ok(true) => None,
            Ok(false) => Some(one.open().and_then(|one| Ok((one, other.open()?)))),
            Err(error) => Some(Err(error)),
        })
    }

    fn parts(&self) -> impl Iterator<Item = Part<'_, T>> {
        self.blocks.iter().map(Part::Packed).chain(self.open.chunks(BLOCK).map(Part::Open))
    }

    /// One after the other.
    pub fn values(&self) -> impl Iterator<Item = Result<T>> {
        self.blocks().flat_map(|block| match block {
            Ok(values) => Values::Some(values.into_owned().into_iter()),
            Err(error) => Values::Broken(Some(error)),
        })
    }

    /// All at once, where there cannot be many.
    pub(super) fn all(&self) -> Result<Vec<T>> {
        self.values().collect()
    }

    /// Without those that are not to be kept; how many have gone.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) -> Result<usize> {
        let before = self.len();
        // What is left stands in whole blocks again, beside which those of another list can be laid.
        let mut left = Self::default();
        for value in self.values() {
            let value = value?;
            if keep(&value) {
                left.push(value)?;
            }
        }
        *self = left;
        Ok(before - self.len())
    }

    /// The list as anybody else writes one.
    pub fn unpacked(&self) -> Unpacked<'_, T> {
        Unpacked(self)
    }
}

/// The values of a block, and those that stand in its place in another list.
type Beside<'l, T> = (Cow<'l, [T]>, Cow<'l, [T]>);

/// As many values as a block has, packed or not.
#[derive(Clone, Copy)]
enum Part<'l, T> {
    Packed(&'l Block),
    Open(&'l [T]),
}

impl<'l, T: Clone + Serialize + DeserializeOwned> Part<'l, T> {
    fn open(self) -> Result<Cow<'l, [T]>> {
        match self {
            Self::Packed(block) => block.open().map(Cow::Owned),
            Self::Open(values) => Ok(Cow::Borrowed(values)),
        }
    }

    fn bytes(&self) -> Result<Vec<u8>> {
        match self {
            Self::Packed(block) => block.unpacked(),
            Self::Open(values) => bytes_of(values),
        }
    }

    /// Whether both are written in the same way: writing values is quicker than reading them.
    fn is_same(&self, other: &Self) -> Result<bool> {
        match (self, other) {
            (Self::Packed(one), Self::Packed(other)) if one.bytes == other.bytes => Ok(true),
            _ => Ok(self.bytes()? == other.bytes()?),
        }
    }
}

enum Values<T> {
    Some(std::vec::IntoIter<T>),
    Broken(Option<Error>),
}

impl<T> Iterator for Values<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Some(values) => values.next().map(Ok),
            Self::Broken(error) => error.take().map(Err),
        }
    }
}

impl<T> Default for Packed<T> {
    fn default() -> Self {
        Self { blocks: Vec::new(), open: Vec::new(), may_be_open: BLOCK }
    }
}

/// What is packed is about people.
impl<T> fmt::Debug for Packed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Packed({})", self.len())
    }
}

impl<T: Serialize> Serialize for Packed<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut blocks = to.serialize_seq(None)?;
        for block in &self.blocks {
            blocks.serialize_element(block)?;
        }
        for open in self.open.chunks(BLOCK) {
            blocks.serialize_element(&Block::of(open).map_err(serde::ser::Error::custom)?)?;
        }
        blocks.end()
    }
}

impl<'de, T> Deserialize<'de> for Packed<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self { blocks: Vec::deserialize(from)?, ..Self::default() })
    }
}

/// A packed list that is written as a plain one, a block at a time.
#[derive(Debug, Clone, Copy)]
pub struct Unpacked<'p, T>(&'p Packed<T>);

impl<T: Clone + Serialize + DeserializeOwned> Serialize for Unpacked<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut values = to.serialize_seq(Some(self.0.len()))?;
        for value in self.0.values() {
            values.serialize_element(&value.map_err(serde::ser::Error::custom)?)?;
        }
        values.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(values: impl IntoIterator<Item = String>) -> Packed<String> {
        let mut packed = Packed::default();
        values.into_iter().for_each(|value| packed.push(value).unwrap());
        packed
    }

    fn numbers(to: usize) -> Packed<String> {
        list((0..to).map(|number| number.to_string()))
    }

    #[test]
    fn what_is_packed_comes_out_as_it_went_in() {
        for many in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7] {
            let packed = numbers(many);
            assert_eq!(packed.len(), many);
            let stored: Packed<String> = value_of(&bytes_of(&packed).unwrap()).unwrap();
            let plain: Vec<String> = (0..many).map(|number| number.to_string()).collect();
            assert_eq!((packed.all().unwrap(), stored.all().unwrap()), (plain.clone(), plain.clone()));
            assert_eq!(serde_json::to_string(&stored.unpacked()).unwrap(), serde_json::to_string(&plain).unwrap());
        }
    }

    #[test]
    fn what_is_at_hand_is_packed_when_it_grows_long() {
        for many in [0, BLOCK + 1, AT_HAND - 1, AT_HAND, AT_HAND + BLOCK + 3] {
            let mut packed = Packed::at_hand();
            (0..many).for_each(|number| packed.push(number.to_string()).unwrap());
            assert_eq!(packed.blocks.is_empty(), many < AT_HAND);
            let plain = numbers(many);
            assert_eq!((packed.len(), packed.all().unwrap()), (many, plain.all().unwrap()));
            assert_eq!(bytes_of(&packed).unwrap(), bytes_of(&plain).unwrap());
            let lengths =
                |packed: &Packed<String>| packed.blocks().map(|block| block.unwrap().len()).collect::<Vec<_>>();
            assert_eq!(lengths(&packed), lengths(&plain));
        }
    }

    #[test]
    fn blocks_that_are_the_same_are_left_out() {
        let kept: Packed<String> = value_of(&bytes_of(&numbers(2 * BLOCK + 9)).unwrap()).unwrap();
        let mut now = Packed::at_hand();
        (0..2 * BLOCK + 9).for_each(|number| now.push(number.to_string()).unwrap());
        assert_eq!(kept.differing(&now).count(), 0);
        now.open[BLOCK + 3] = "other".to_owned();
        let differing: Vec<_> = kept.differing(&now).collect::<Result<_>>().unwrap();
        let [(seen, other)] = &differing[..] else { panic!("one block is another") };
        assert_eq!((seen.len(), seen[3].as_str(), other[3].as_str()), (BLOCK, "503", "other"));
    }

    #[test]
    fn what_goes_leaves_the_rest_in_its_order() {
        let mut packed = numbers(2 * BLOCK + 9);
        assert_eq!(packed.retain(|number| number.len() != 2).unwrap(), 90);
        let left: Vec<String> = (0..2 * BLOCK + 9).map(|number| number.to_string()).filter(|n| n.len() != 2).collect();
        assert_eq!(packed.all().unwrap(), left);
        assert_eq!(packed.differing(&list(left.clone())).count(), 0, "block stands beside block");
        packed.push("more".to_owned()).unwrap();
        assert_eq!(packed.all().unwrap().last().unwrap(), "more");
        assert_eq!(packed.retain(|_| false).unwrap(), left.len() + 1);
        assert!(packed.is_empty());
    }

    #[test]
    fn what_was_kept_before_there_were_blocks_is_gone() {
        let error = value_of::<Packed<String>>(br#"{"rows": ["a", "b"]}"#).unwrap_err();
        assert!(error.is(&codes::IMPORT_ROWS_GONE));
    }

    #[test]
    fn a_broken_block_is_an_error() {
        let mut packed = numbers(BLOCK);
        packed.blocks[0].bytes.truncate(9);
        assert!(packed.all().is_err());
        packed.blocks[0].bytes.clear();
        assert!(packed.all().is_err());
    }
}
