# Writes spatstat's sum of translation weights of tumour-immune pairs within 50 um on a rectangle:
# Rscript goldens.R points.csv width height
suppressPackageStartupMessages(library(spatstat.explore))
args <- commandArgs(trailingOnly = TRUE)
points <- read.csv(args[1])
size <- as.numeric(args[2:3])
pattern <- ppp(points$x, points$y, owin(c(0, size[1]), c(0, size[2])), marks = factor(points$role))
k <- Kcross(pattern, "0", "2", r = seq(0, 50, by = 0.5), correction = "translate")
pairs <- sum(points$role == 0) * sum(points$role == 2)
cat(sprintf("%.17g\n", k$trans[101] * pairs / prod(size)))
