module merge

go 1.25

require github.com/imdario/mergo v0.3.16
