# Writes what spatstat says of the points of goldens.py: Rscript goldens.R points.csv width height
library(spatstat.explore)
args <- commandArgs(trailingOnly = TRUE)
points <- read.csv(args[1])
window <- owin(c(0, as.numeric(args[2])), c(0, as.numeric(args[3])))
pattern <- ppp(points$x, points$y, window, marks = factor(points$role))
radii <- seq(0, 50, by = 0.5)
g <- suppressWarnings(Gcross(pattern, "tumour", "immune", r = radii, correction = "km"))
k <- Kcross(pattern, "tumour", "immune", r = radii, correction = "translate")
area <- sum((head(g$km, -1) + tail(g$km, -1)) / 2 * 0.5) / 50
cat(sprintf('{"gcross": %.17g, "kcross50": %.17g}\n', area, k$trans[length(radii)]))
