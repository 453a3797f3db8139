# Writes spatstat's sum of translation weights of tumour-immune pairs within 50 um: with the tissue as the window, as exact
# polygons, and on the whole rectangle: Rscript goldens.R points.csv tissue.csv width height
suppressPackageStartupMessages(library(spatstat.explore))
args <- commandArgs(trailingOnly = TRUE)
points <- read.csv(args[1])
tissue <- as.matrix(read.csv(args[2], header = FALSE)) > 0
size <- as.numeric(args[3:4])
rectangle <- owin(c(0, size[1]), c(0, size[2]))
mask <- owin(c(0, size[1]), c(0, size[2]), mask = tissue)
of_role <- function(role) ppp(points$x[points$role == role], points$y[points$role == role], rectangle)
pairs <- crosspairs(of_role(0), of_role(2), rmax = 50)
weight <- function(window) sum(edge.Trans(dx = pairs$dx, dy = pairs$dy, W = window, exact = TRUE, paired = TRUE))
cat(sprintf("[%.17g, %.17g]\n", weight(as.polygonal(mask)), weight(rectangle)))
