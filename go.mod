module github.com/cyclecal/cyclecal

go 1.26
