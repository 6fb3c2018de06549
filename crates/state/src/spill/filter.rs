/// Which hashes a run may have: a Bloom filter in blocks of 256 bits, so that a look-up is one cache miss (Putze,
/// Sanders, Singler: "Cache-, Hash- and Space-Efficient Bloom Filters", 2007; the form that Parquet files have). With 10
/// bits per key about one key in a hundred is let through wrongly.
pub struct Filter {
    blocks: Vec<[u32; 8]>,
}

const BITS_PER_KEY: usize = 10;
const SALT: [u32; 8] =
    [0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947, 0x5c6b_fb31];

impl Filter {
    pub fn for_keys(keys: usize) -> Filter {
        Filter { blocks: vec![[0; 8]; (keys * BITS_PER_KEY).div_ceil(256).max(1)] }
    }

    pub fn insert(&mut self, hash: u64) {
        let (block, mask) = self.place(hash);
        self.blocks[block].iter_mut().zip(mask).for_each(|(word, bit)| *word |= bit);
    }

    pub fn may_have(&self, hash: u64) -> bool {
        let (block, mask) = self.place(hash);
        self.blocks[block].iter().zip(mask).all(|(word, bit)| word & bit != 0)
    }

    pub fn bytes(&self) -> usize {
        self.blocks.len() * 32
    }

    fn place(&self, hash: u64) -> (usize, [u32; 8]) {
        let block = ((hash >> 32) * self.blocks.len() as u64) >> 32;
        (block as usize, SALT.map(|salt| 1 << ((hash as u32).wrapping_mul(salt) >> 27)))
    }
}
