//! Long lists of a file, kept small.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::de::{DeserializeOwned, Error as _, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Result};

/// Values of a block. The file of a school is one or two of them.
const BLOCK: usize = 512;

/// A list of which one block is unpacked at a time, so that 50,000 rows take about the room of the file they came in.
///
/// Stored as `[{"n": 512, "z": "…"}, …]`: the values of a block, and their JSON as LZ4 in Base64.
#[derive(Clone)]
pub struct Packed<T> {
    blocks: Vec<Block>,
    /// What came after the last whole block.
    open: Vec<T>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Block {
    #[serde(rename = "n")]
    values: usize,
    #[serde(rename = "z", with = "in_base64")]
    bytes: Vec<u8>,
}

impl Block {
    fn of<T: Serialize>(values: &[T]) -> serde_json::Result<Self> {
        let bytes = lz4_flex::compress_prepend_size(&serde_json::to_vec(values)?);
        Ok(Self { values: values.len(), bytes })
    }

    fn open<T: DeserializeOwned>(&self) -> Result<Vec<T>> {
        let json = lz4_flex::decompress_size_prepended(&self.bytes).map_err(Error::storage)?;
        serde_json::from_slice(&json).map_err(Error::storage)
    }
}

mod in_base64 {
    use super::{Cow, Deserialize, Deserializer, Engine, STANDARD_NO_PAD, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD_NO_PAD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        STANDARD_NO_PAD.decode(text.as_bytes()).map_err(serde::de::Error::custom)
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

impl<T: Clone + Serialize + DeserializeOwned> Packed<T> {
    /// Adds a value at the end.
    pub(super) fn push(&mut self, value: T) -> Result<()> {
        self.open.push(value);
        if self.open.len() >= BLOCK {
            self.blocks.push(Block::of(&self.open).map_err(Error::storage)?);
            self.open.clear();
        }
        Ok(())
    }

    /// Block by block.
    pub(super) fn blocks(&self) -> impl Iterator<Item = Result<Cow<'_, [T]>>> {
        let whole = self.blocks.iter().map(|block| block.open().map(Cow::Owned));
        whole.chain((!self.open.is_empty()).then(|| Ok(Cow::Borrowed(self.open.as_slice()))))
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
        let mut left = Vec::with_capacity(self.blocks.len());
        for block in std::mem::take(&mut self.blocks) {
            let mut values: Vec<T> = block.open()?;
            values.retain(&mut keep);
            match values.len() {
                0 => {}
                same if same == block.values => left.push(block),
                _ => left.push(Block::of(&values).map_err(Error::storage)?),
            }
        }
        self.blocks = left;
        self.open.retain(keep);
        Ok(before - self.len())
    }

    /// The list as anybody else writes one.
    pub fn unpacked(&self) -> Unpacked<'_, T> {
        Unpacked(self)
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
        Self { blocks: Vec::new(), open: Vec::new() }
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
        if !self.open.is_empty() {
            blocks.serialize_element(&Block::of(&self.open).map_err(serde::ser::Error::custom)?)?;
        }
        blocks.end()
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Packed<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(Stored(PhantomData))
    }
}

struct Stored<T>(PhantomData<T>);

/// A list was stored value by value before there were blocks.
#[derive(Deserialize)]
#[serde(untagged)]
enum Piece {
    Block(Block),
    Value(serde_json::Value),
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Stored<T> {
    type Value = Packed<T>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a stored list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pieces: A) -> Result<Packed<T>, A::Error> {
        let mut packed = Packed::default();
        while let Some(piece) = pieces.next_element()? {
            match piece {
                Piece::Block(block) => packed.blocks.push(block),
                Piece::Value(value) => packed.open.push(serde_json::from_value(value).map_err(A::Error::custom)?),
            }
        }
        Ok(packed)
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

    fn numbers(to: usize) -> Packed<String> {
        let mut packed = Packed::default();
        (0..to).for_each(|number| packed.push(number.to_string()).unwrap());
        packed
    }

    #[test]
    fn what_is_packed_comes_out_as_it_went_in() {
        for many in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7] {
            let packed = numbers(many);
            assert_eq!(packed.len(), many);
            let stored: Packed<String> = serde_json::from_str(&serde_json::to_string(&packed).unwrap()).unwrap();
            let plain: Vec<String> = (0..many).map(|number| number.to_string()).collect();
            assert_eq!((packed.all().unwrap(), stored.all().unwrap()), (plain.clone(), plain.clone()));
            assert_eq!(serde_json::to_string(&stored.unpacked()).unwrap(), serde_json::to_string(&plain).unwrap());
        }
    }

    #[test]
    fn what_goes_leaves_the_rest_in_its_order() {
        let mut packed = numbers(2 * BLOCK + 9);
        assert_eq!(packed.retain(|number| number.len() != 2).unwrap(), 90);
        let left: Vec<String> = (0..2 * BLOCK + 9).map(|number| number.to_string()).filter(|n| n.len() != 2).collect();
        assert_eq!(packed.all().unwrap(), left);
        packed.push("more".to_owned()).unwrap();
        assert_eq!(packed.all().unwrap().last().unwrap(), "more");
        assert_eq!(packed.retain(|_| false).unwrap(), left.len() + 1);
        assert!(packed.is_empty());
    }

    #[test]
    fn a_list_of_before_there_were_blocks_is_read() {
        let packed: Packed<String> = serde_json::from_str(r#"["a", "b"]"#).unwrap();
        assert_eq!(packed.all().unwrap(), ["a", "b"]);
    }

    #[test]
    fn a_broken_block_is_an_error() {
        let broken: Packed<String> = serde_json::from_str(r#"[{"n": 3, "z": "AAAA"}]"#).unwrap();
        assert!(broken.all().is_err());
    }
}
