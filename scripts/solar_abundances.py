"""Elements in the Sun.

log10 of the number of atoms, on the scale of hydrogen = 12: photosphere, or meteorites
where the photosphere shows none (Asplund, Grevesse, Sauval & Scott 2009, ARA&A 47, 481,
table 1).
"""

__all__ = ["ATOMIC_NUMBERS", "SOLAR"]

_TABLE = """
H 1 12.00  He 2 10.93  Li 3 1.05  Be 4 1.38  B 5 2.70  C 6 8.43  N 7 7.83  O 8 8.69
F 9 4.56  Ne 10 7.93  Na 11 6.24  Mg 12 7.60  Al 13 6.45  Si 14 7.51  P 15 5.41
S 16 7.12  Cl 17 5.50  Ar 18 6.40  K 19 5.03  Ca 20 6.34  Sc 21 3.15  Ti 22 4.95
V 23 3.93  Cr 24 5.64  Mn 25 5.43  Fe 26 7.50  Co 27 4.99  Ni 28 6.22  Cu 29 4.19
Zn 30 4.56  Ga 31 3.04  Ge 32 3.65  As 33 2.30  Se 34 3.34  Br 35 2.54  Kr 36 3.25
Rb 37 2.52  Sr 38 2.87  Y 39 2.21  Zr 40 2.58  Nb 41 1.46  Mo 42 1.88  Ru 44 1.75
Rh 45 0.91  Pd 46 1.57  Ag 47 0.94  Cd 48 1.71  In 49 0.80  Sn 50 2.04  Sb 51 1.01
Te 52 2.18  I 53 1.55  Xe 54 2.24  Cs 55 1.08  Ba 56 2.18  La 57 1.10  Ce 58 1.58
Pr 59 0.72  Nd 60 1.42  Sm 62 0.96  Eu 63 0.52  Gd 64 1.07  Tb 65 0.30  Dy 66 1.10
Ho 67 0.48  Er 68 0.92  Tm 69 0.10  Yb 70 0.84  Lu 71 0.10  Hf 72 0.85  Ta 73 -0.12
W 74 0.85  Re 75 0.26  Os 76 1.40  Ir 77 1.38  Pt 78 1.62  Au 79 0.92  Hg 80 1.17
Tl 81 0.90  Pb 82 1.75  Bi 83 0.65  Th 90 0.02  U 92 -0.54
"""
_FIELDS = _TABLE.split()
#: Atomic number of each element.
ATOMIC_NUMBERS = {
    name: int(number) for name, number in zip(_FIELDS[::3], _FIELDS[1::3], strict=True)
}
#: Abundance of each element.
SOLAR = {
    name: float(value) for name, value in zip(_FIELDS[::3], _FIELDS[2::3], strict=True)
}
