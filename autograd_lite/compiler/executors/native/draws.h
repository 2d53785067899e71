
/* Philox 4x64 with 10 rounds (Salmon and others, "Parallel random numbers: as easy as 1, 2, 3",
   2011), as NumPy numbers its draws: eight floats from 0 to 1 of each block */
static void draw(uint64_t key0, int64_t block, float *draws) {
    uint64_t c[4] = {(uint64_t)block + 1, 0, 0, 0}, key1 = 0;
    for (int round = 0; round < 10; round++) {
        const unsigned __int128 a = (unsigned __int128)c[0] * 0xD2E7470EE14C6C93u;
        const unsigned __int128 b = (unsigned __int128)c[2] * 0xCA5A826395121157u;
        const uint64_t next[4] = {(uint64_t)(b >> 64) ^ c[1] ^ key0, (uint64_t)b, (uint64_t)(a >> 64) ^ c[3] ^ key1, (uint64_t)a};
        memcpy(c, next, sizeof c);
        key0 += 0x9E3779B97F4A7C15u;
        key1 += 0xBB67AE8584CAA73Bu;
    }
    for (int i = 0; i < 8; i++) draws[i] = (float)((uint32_t)(c[i / 2] >> (i % 2 * 32)) >> 8) * (1.0f / 16777216.0f);
}
