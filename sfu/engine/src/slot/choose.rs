//! Which layer a tile gets.

/// Of the live layers (number, height; lowest first): the smallest that fills the tile, else the largest there is.
pub(crate) fn choose(tile_height: u16, live: impl Iterator<Item = (u8, u16)>) -> Option<u8> {
    let mut best: Option<(u8, u16)> = None;
    for (layer, height) in live {
        let better = match best {
            None => true,
            Some((_, held)) if held >= tile_height => height >= tile_height && height < held,
            Some((_, held)) => height > held,
        };
        if better {
            best = Some((layer, height));
        }
    }
    best.map(|(layer, _)| layer)
}

/// Of the live layers (number, height; lowest first): the highest up to `most`, else the lowest there is.
pub(crate) fn highest(live: impl Iterator<Item = (u8, u16)>, most: u8) -> Option<u8> {
    let mut best = None;
    for (layer, _) in live {
        if best.is_none() || layer <= most {
            best = Some(layer);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_layer_that_fills_the_tile() {
        let all = [(0, 180), (1, 360), (2, 720)];
        let chosen = |tile| choose(tile, all.into_iter()).unwrap();
        assert_eq!([100, 180, 181, 360, 361, 720, 2000].map(chosen), [0, 0, 1, 1, 2, 2, 2]);
    }

    #[test]
    fn what_is_live_counts() {
        assert_eq!(choose(720, [(0, 180)].into_iter()), Some(0));
        assert_eq!(choose(100, [(2, 720)].into_iter()), Some(2));
        assert_eq!(choose(100, std::iter::empty()), None);
    }
}
