typedef void gemm_REAL(const char *, const char *, int *, int *, int *, REAL *, const REAL *, int *, const REAL *, int *, REAL *, REAL *, int *);
