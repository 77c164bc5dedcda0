# docker build -t toctou .
# docker run --rm -v "$PWD:/src:ro" toctou check .
FROM golang:1.26-bookworm AS build
WORKDIR /toctou
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=1 go build -trimpath -tags netgo,osusergo \
    -ldflags '-s -w -linkmode external -extldflags "-static"' -o /bin/toctou ./cmd/toctou

FROM alpine:3.22
# git tells which files are ignored; the mounted folder belongs to somebody else.
RUN apk add --no-cache git && git config --system --add safe.directory '*'
COPY --from=build /bin/toctou /usr/local/bin/toctou
USER nobody
WORKDIR /src
ENTRYPOINT ["toctou"]
CMD ["check", "."]
