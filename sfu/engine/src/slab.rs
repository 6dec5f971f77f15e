//! A store with stable keys: a key of something removed never finds what took its place.

use std::marker::PhantomData;

/// Names an item of a [`Slab`].
pub(crate) struct Key<T> {
    index: u32,
    generation: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Key<T> {}
impl<T> PartialEq for Key<T> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && self.generation == other.generation
    }
}
impl<T> Eq for Key<T> {}
impl<T> std::fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.index, self.generation)
    }
}

struct Place<T> {
    generation: u32,
    item: Option<T>,
}

/// Items by [`Key`].
pub(crate) struct Slab<T> {
    places: Vec<Place<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Slab { places: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    pub fn insert(&mut self, item: T) -> Key<T> {
        let index = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place { generation: 0, item: None });
            self.places.len().saturating_sub(1) as u32
        });
        let mut generation = 0;
        if let Some(place) = self.places.get_mut(index as usize) {
            place.item = Some(item);
            generation = place.generation;
        }
        Key { index, generation, of: PhantomData }
    }

    /// Inserts an item that knows its own key.
    pub fn insert_with(&mut self, item: impl FnOnce(Key<T>) -> T) -> Key<T> {
        let index = self.free.last().copied().unwrap_or(self.places.len() as u32);
        let generation = self.places.get(index as usize).map_or(0, |place| place.generation);
        self.insert(item(Key { index, generation, of: PhantomData }))
    }

    pub fn remove(&mut self, key: Key<T>) -> Option<T> {
        let place = self.places.get_mut(key.index as usize)?;
        if place.generation != key.generation {
            return None;
        }
        let item = place.item.take()?;
        place.generation = place.generation.wrapping_add(1);
        self.free.push(key.index);
        Some(item)
    }

    #[inline]
    pub fn get(&self, key: Key<T>) -> Option<&T> {
        let place = self.places.get(key.index as usize)?;
        if place.generation == key.generation { place.item.as_ref() } else { None }
    }

    #[inline]
    pub fn get_mut(&mut self, key: Key<T>) -> Option<&mut T> {
        let place = self.places.get_mut(key.index as usize)?;
        if place.generation == key.generation { place.item.as_mut() } else { None }
    }

    /// How many places there are: the bound for [`Slab::key_at`].
    pub fn places(&self) -> usize {
        self.places.len()
    }

    /// The key of what is at a place now.
    pub fn key_at(&self, index: usize) -> Option<Key<T>> {
        let place = self.places.get(index)?;
        place.item.as_ref()?;
        Some(Key { index: index as u32, generation: place.generation, of: PhantomData })
    }

    /// A key for tests that need no item.
    #[cfg(test)]
    pub fn key_of_nothing(&mut self) -> Key<T> {
        self.places.push(Place { generation: 0, item: None });
        Key { index: self.places.len() as u32 - 1, generation: 0, of: PhantomData }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_never_finds_its_successor() {
        let mut slab = Slab::default();
        let first = slab.insert("first");
        assert_eq!(slab.remove(first), Some("first"));
        let second = slab.insert("second");
        assert_eq!((slab.get(first), slab.get(second)), (None, Some(&"second")));
        assert_eq!(slab.remove(first), None);
        assert_eq!(slab.key_at(0), Some(second));
    }
}
