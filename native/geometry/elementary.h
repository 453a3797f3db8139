#pragma once

namespace hoverslide {

// Functions that C's library has too. Here they are made of additions, multiplications, divisions and square
// roots alone, which IEEE 754 rounds in one way: so every system gives the same bits, whatever its library,
// its compiler and its processor. Errors stay below 1e-15 of the value (sine and cosine: below 1e-15).

// e to the power of x, for x from -700 to 0.
double ExpOf(double x);

// Logarithm to the base 10 of x above 0.
double Log10Of(double x);

// Sine and cosine of an angle from -pi to pi.
struct SineCosine {
  double sine, cosine;
};
SineCosine SineCosineOf(double angle);

// Angle of (x, y) from the x axis, above -pi and up to pi; 0 for (0, 0).
double AngleOf(double y, double x);

}  // namespace hoverslide
